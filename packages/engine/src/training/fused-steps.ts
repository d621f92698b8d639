import { EngineError } from "../errors.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { add, dot } from "../ops/arithmetic.ts";
import { greater, select } from "../ops/compare.ts";
import { input } from "../ops/leaf.ts";
import { reshape } from "../ops/shape.ts";
import { concat } from "../ops/slice.ts";
import { sqrt } from "../ops/unary.ts";
import { applyOptimiser, initialState, numberArrays, numberNames, stateInputs } from "../optimisers/apply-optimiser.ts";
import type { Optimiser, StepPosition } from "../optimisers/optimiser.ts";
import type { Arrays, NdArray, Precision, Tensor, Tensors } from "../tensor.ts";
import { substitute } from "./substitute.ts";

export interface FusedStepsOptions {
  /** A graph with a scalar output that is minimised. If it also has outputs `gradient/x`, they are used as ∂f/∂x instead of differentiating. */
  readonly objective: Graph;
  /** Name of that output. */
  readonly value: string;
  /** Names of the inputs that move. */
  readonly unknowns: readonly string[];
  /** For instance `chain(hardSign(), scaleByAdam(), scale(.1))`. */
  readonly optimiser: Optimiser;
  /** Steps k of one run, unrolled. */
  readonly steps: number;
  /** The feasible point for x, by name: `(x) => clip(x, 0, 1)`. Applied after every step. */
  readonly project?: (x: Tensor, name: string) => Tensor;
  /** float32 unless said: what `start` is made of. */
  readonly precision?: Precision;
}

/** k steps as one program, and what it must be fed. */
export interface FusedSteps {
  /**
   * Inputs: those of the objective; `state/x/slot`, `best/x`, `bestValue`; the scalars `numbers/i/n`, i = 0 … k − 1.
   *
   * Outputs: every unknown, `state/x/slot`, `best/x` and `bestValue` under the names of the inputs that they replace in the next run; `values` [k]
   * and `gradientNorms` [k], f and ‖∇f‖₂ at the iterate before each step.
   */
  readonly graph: Graph;
  readonly steps: number;
  /** Names that come out of a run and go into the next. */
  readonly carried: readonly string[];
  /** What is carried, before the first step from x. */
  start(x: Arrays): Arrays;
  /** The numbers of steps `at.step` … `at.step` + k − 1. */
  numbers(at: StepPosition): Arrays;
}

/**
 * k steps x ← P(x − update(∇f(x))) in one graph, so that they cross to the runtime once.
 *
 * A run keeps the iterate with the least f that it evaluated (`best`), as one step at a time would; an f that is NaN or +∞ is never the best.
 *
 * @throws EngineError `unknown-output`, `unknown-input`, `shape` for an objective that is no scalar, `bad-option` for k below 1.
 */
export function fusedSteps(options: FusedStepsOptions): FusedSteps {
  const { objective, optimiser, steps, project, precision = "float32" } = options;
  const { unknowns, value } = checked(options);
  const evaluation = withGradient(objective, value, unknowns);
  const state = stateInputs(optimiser, unknowns, "state");
  // Scalars and not one array of k: slices of it would be two more nodes a number and step.
  const numbers = Array.from({ length: steps }, (_, i) =>
    Object.fromEntries(numberNames(optimiser).map((name) => [name, input(`numbers/${i}/${name}`, [])])),
  );
  const best = Object.fromEntries(
    Object.entries(unknowns).map(([name, { shape }]) => [name, input(`best/${name}`, shape)]),
  );
  const bestValue = input("bestValue", []);

  let x: Tensors = unknowns;
  let memory: Tensors = state;
  let kept: Tensors = best;
  let least: Tensor = bestValue;
  const values: Tensor[] = [];
  const squaredNorms: Tensor[] = [];
  for (let i = 0; i < steps; i++) {
    const { value: f, ...gradients } = i === 0 ? evaluation.outputs : substitute(evaluation, x);
    const evaluated = x;
    const improves = greater(least, f!);
    kept = Object.fromEntries(Object.keys(x).map((name) => [name, select(improves, evaluated[name]!, kept[name]!)]));
    least = select(improves, f!, least);
    values.push(f!);
    const slopes = Object.fromEntries(Object.keys(x).map((name) => [name, gradients[`gradient/${name}`]!]));
    const squared = Object.values(slopes).map((g) => dot(g, g));
    squaredNorms.push(squared.reduce((a, b) => add(a, b)));
    const next = applyOptimiser(optimiser, x, slopes, memory, numbers[i]!);
    memory = next.state;
    x = Object.fromEntries(
      Object.entries(next.parameters).map(([name, moved]) => [name, project?.(moved, name) ?? moved]),
    );
  }

  const under = (group: string, tensors: Tensors): Tensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${group}/${name}`, tensor]));
  const outputs = { ...x, ...under("state", memory), ...under("best", kept), bestValue: least };
  const numberInputs: Tensors = Object.fromEntries(
    numbers.flatMap((own) => Object.values(own).map((node) => [node.attributes.name as string, node])),
  );
  return {
    graph: graph(
      {
        ...objective.inputs,
        ...under("state", state),
        ...under("best", best),
        bestValue,
        ...numberInputs,
      },
      { ...outputs, values: list(values), gradientNorms: sqrt(list(squaredNorms)) },
    ),
    steps,
    carried: Object.keys(outputs),
    start: (from) => startOf(from, unknowns, optimiser, precision),
    numbers: (at) => numbersFrom(optimiser, at, steps),
  };
}

/** Scalars as one array [k]. */
const list = (scalars: readonly Tensor[]): Tensor =>
  concat(
    scalars.map((value) => reshape(value, [1])),
    0,
  );

const prefixed = (group: string, arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${group}/${name}`, array]));

function numbersFrom(optimiser: Optimiser, { step, steps }: StepPosition, count: number): Arrays {
  const perStep = Array.from({ length: count }, (_, i) => numberArrays(optimiser, { step: step + i, steps }));
  return Object.fromEntries(perStep.flatMap((own, i) => Object.entries(prefixed(`numbers/${i}`, own))));
}

function startOf(from: Arrays, unknowns: Tensors, optimiser: Optimiser, precision: Precision): Arrays {
  const infinite: NdArray = { shape: [], data: Float64Array.of(Number.POSITIVE_INFINITY) };
  const x = Object.fromEntries(Object.keys(unknowns).map((name) => [name, from[name]!]));
  const state = prefixed("state", initialState(optimiser, unknowns, precision));
  return { ...x, ...state, ...prefixed("best", x), bestValue: infinite };
}

/** The value under the name `value` and its gradients under `gradient/x`. */
function withGradient(objective: Graph, value: Tensor, unknowns: Tensors): Graph {
  const names = Object.keys(unknowns);
  const given = names.map((name) => objective.outputs[`gradient/${name}`]);
  const gradients = given.every((node) => node !== undefined) ? given : grad(value, Object.values(unknowns));
  const named = Object.fromEntries(names.map((name, i) => [`gradient/${name}`, gradients[i]!]));
  return graph(objective.inputs, { value, ...named });
}

function checked({ objective, value, unknowns, steps }: FusedStepsOptions): {
  readonly value: Tensor;
  readonly unknowns: Tensors;
} {
  if (!Number.isInteger(steps) || steps < 1)
    throw new EngineError("bad-option", `The number of steps a run must be a whole number from 1 on, not ${steps}.`);
  const output = objective.outputs[value];
  if (output === undefined)
    throw new EngineError(
      "unknown-output",
      `The objective has no output "${value}"; it has ${Object.keys(objective.outputs).join(", ")}.`,
    );
  if (output.shape.length !== 0)
    throw new EngineError(
      "shape",
      `The objective "${value}" must be a scalar; it has shape [${output.shape.join(", ")}].`,
    );
  const nodes = unknowns.map((name) => {
    const node = objective.inputs[name];
    if (node === undefined)
      throw new EngineError(
        "unknown-input",
        `The objective has no input "${name}"; it has ${Object.keys(objective.inputs).join(", ")}.`,
      );
    return [name, node] as const;
  });
  if (nodes.length === 0) throw new EngineError("bad-option", "Name at least one unknown.");
  return { value: output, unknowns: Object.fromEntries(nodes) };
}
