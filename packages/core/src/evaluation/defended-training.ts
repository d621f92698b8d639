import { type Arrays, type Executor, graph, input, type NdArray, type Program, sizeOf } from "@recon/engine";
import { composeDefences } from "../defences/compose.ts";
import { ReconError } from "../errors.ts";
import {
  drawNuisances,
  observationGraph,
  parameterInputs,
  parametersOf,
  parameterValues,
} from "../operators/observation-graph.ts";
import type { Defence, Model, Operator } from "../problem.ts";
import type { Rng } from "../random.ts";

/** Items as two arrays, batch first. */
export interface LabelledItems {
  readonly input: NdArray;
  readonly target: NdArray;
}

/** A fixed training budget. */
export interface TrainingBudget {
  readonly steps: number;
  readonly batch: number;
  /** η of plain gradient descent; a client that sends a difference of weights has its own. */
  readonly rate: number;
}

export interface DefendedTrainingOptions {
  readonly model: Model;
  readonly operator: Operator;
  readonly defences: readonly Defence[];
  readonly train: LabelledItems;
  readonly test: LabelledItems;
  readonly budget: TrainingBudget;
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/**
 * Trains a model as the protocol would with the defences on, Θ ← Θ − η y or Θ ← Θ + y with y what the server sees, and gives its accuracy on held-out items,
 * in percent. Batches are drawn with replacement; a run that diverges counts as guessing.
 *
 * @throws ReconError `no-utility` for a model that does not decide between classes.
 */
export async function defendedAccuracy(options: DefendedTrainingOptions): Promise<number> {
  const { operator, budget, executor, rng, signal, train } = options;
  const defence = composeDefences(options.defences);
  const model = defence.model?.(options.model) ?? options.model;
  if (!classifies(model)) {
    throw new ReconError("no-utility", `${model.name} does not classify, so a loss of accuracy cannot be measured.`);
  }
  const defended = defence.operator?.(operator) ?? operator;
  const params = float64(model.init(rng.split("weights")));
  const program = await executor.compile(observationGraph(model, defended, budget.batch));
  try {
    for (let step = 0; step < budget.steps; step++) {
      signal.throwIfAborted();
      const stream = rng.split(`step ${step}`);
      const data = {
        ...pick(train, budget.batch, stream.split("batch")),
        ...drawNuisances(model, budget.batch, stream.split("nuisances")),
      };
      const clean = await program.run({ ...parameterValues(params), ...data });
      const fitted = await Promise.all(
        options.defences.map(async (one) =>
          one.fit === undefined
            ? one
            : { ...one, channel: await one.fit({ model, operator: defended, params, data, executor, rng: stream }) },
        ),
      );
      const seen = composeDefences(fitted).channel?.apply(clean, stream) ?? clean;
      move(params, seen, defended.observes === "difference" ? 1 : -budget.rate);
    }
  } finally {
    await program.dispose();
  }
  return accuracy(model, params, options.test, executor);
}

/** Whether the outputs of a model decide between classes: by the largest of them, or by the sign of a single real one. */
function classifies({ target }: Model): boolean {
  return target.kind === "distribution" || sizeOf(target.shape) === 1;
}

/** Percent of items whose largest output is the class; of a single real output, percent whose sign is the target's. */
export async function accuracy(
  model: Model,
  params: Arrays,
  { input: x, target }: LabelledItems,
  executor: Executor,
): Promise<number> {
  const parameters = parameterInputs(model);
  const data = input("input", x.shape);
  const output = model.forward(parametersOf(model, parameters), { input: data }, "eval");
  const program: Program = await executor.compile(graph({ ...parameters, input: data }, { output }));
  try {
    const { data: logits } = (await program.run({ ...parameterValues(params), input: x })).output!;
    const classes = target.shape.at(-1)!;
    const items = target.data.length / classes;
    let right = 0;
    for (let i = 0; i < items; i++) {
      if (classOf(logits, i * classes, classes) === classOf(target.data, i * classes, classes)) right++;
    }
    return (100 * right) / items;
  } finally {
    await program.dispose();
  }
}

/** Outputs that are not finite decide for the first class, whatever the item. */
function classOf(values: ArrayLike<number>, start: number, count: number): number {
  if (count === 1) return values[start]! > 0 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < count; k++) if (values[start + k]! > values[start + best]!) best = k;
  return best;
}

function pick(items: LabelledItems, count: number, rng: Rng): LabelledItems {
  const size = items.input.shape[0]!;
  const order = Array.from({ length: count }, () => rng.integer(size));
  const gather = ({ shape, data }: NdArray): NdArray => {
    const width = data.length / shape[0]!;
    const picked = new Float64Array(count * width);
    order.forEach((from, to) => {
      picked.set(data.subarray(from * width, (from + 1) * width), to * width);
    });
    return { shape: [count, ...shape.slice(1)], data: picked };
  };
  return { input: gather(items.input), target: gather(items.target) };
}

function move(params: Record<string, { readonly data: Float64Array }>, by: Arrays, factor: number): void {
  for (const [name, { data }] of Object.entries(by)) {
    const own = params[name]!.data;
    for (let k = 0; k < own.length; k++) own[k]! += factor * data[k]!;
  }
}

function float64(arrays: Arrays): Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}
