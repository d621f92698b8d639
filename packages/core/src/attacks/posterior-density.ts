/**
 * What an attacker makes of an observation, as a density over the unknowns u = (x, and t where no one told the targets):
 *
 *     f(u) = d(F(x, t), y) + R(x) + R_t(t)        −log p(u | y) up to a constant where d is the channel's likelihood
 *
 * with its gradient at several points at once, and its curvature.
 */
import {
  type Arrays,
  add,
  type Executor,
  grad,
  graph,
  input,
  type NdArray,
  type Program,
  type Tensor,
} from "@recon/engine";
import type { Discrepancy } from "../discrepancies/discrepancy.ts";
import { parameterInputs, parametersOf, parameterValues } from "../operators/observation-graph.ts";
import type { EnergyPrior, Problem } from "../problem.ts";
import type { FlatEvaluation } from "../solvers/evaluator.ts";
import { flatten, type Layout, layoutOf, unflatten } from "../solvers/layout.ts";
import { knownNuisances } from "./forward.ts";

export interface DensityParts {
  readonly batch: number;
  /** Distance of a clean observation from the observed one; the channel is its own affair. */
  readonly discrepancy: Discrepancy;
  /** Prior of the input; flat unless given. */
  readonly prior?: EnergyPrior;
  /** Settled targets [B, ...], or the prior of unknown ones; `flat` for none, `joint` where the prior of the input speaks of both. */
  readonly target: NdArray | EnergyPrior | "flat" | "joint";
}

/** The unknowns as symbols, and what the density consists of, for whoever differentiates it. */
export interface TracedDensity {
  readonly unknowns: Readonly<Record<string, Tensor>>;
  /** F(u), entry by name of the observation. */
  readonly clean: Readonly<Record<string, Tensor>>;
  /** R(x) + R_t(t), or R(x, t); undefined where both are flat. */
  readonly energy: Tensor | undefined;
}

export interface PosteriorDensity {
  readonly layout: Layout;
  /** f and ∇f at points of the layout. */
  evaluate(points: readonly Float64Array[]): Promise<readonly FlatEvaluation[]>;
  /** The batch that a point stands for. */
  decode(point: Float64Array): { readonly input: NdArray; readonly target: NdArray };
  /** Evaluations of f so far. */
  evaluations(): number;
  dispose(): Promise<void>;
}

/** Names and shapes of the unknowns, in the order of a point's entries. */
export function unknownLayout(problem: Problem, { batch, target }: DensityParts): Layout {
  const spec = (shape: readonly number[]): NdArray => ({ shape: [batch, ...shape], data: new Float64Array() });
  const settled = typeof target === "object" && "shape" in target;
  return layoutOf({
    input: spec(problem.model.input.shape),
    ...(!settled && { target: spec(problem.model.target.shape) }),
  });
}

/** The parts of f as graphs over fresh symbols; `suffix` tells several copies apart. */
export function traceDensity(problem: Problem, parts: DensityParts, shared: SharedInputs, suffix = ""): TracedDensity {
  const layout = unknownLayout(problem, parts);
  const unknowns = Object.fromEntries(layout.parts.map(({ name, shape }) => [name, input(name + suffix, shape)]));
  const data = { input: unknowns.input!, target: unknowns.target ?? shared.target! };
  const all = { ...knownNuisances(problem, parts.batch), ...data };
  const clean = problem.operator.observe(problem.model, parametersOf(problem.model, shared.parameters), all);
  const { target, prior } = parts;
  if (target === "joint") return { unknowns, clean, energy: prior!.jointEnergy!(data.input, data.target) };
  const ofTarget = typeof target === "object" && "kind" in target ? target.energy(data.target) : undefined;
  const ofInput = prior?.energy(data.input);
  return { unknowns, clean, energy: ofInput && ofTarget ? add(ofInput, ofTarget) : (ofInput ?? ofTarget) };
}

/** Symbols that all copies share: weights, observation and settled targets are fed, so that trials share one program. */
export interface SharedInputs {
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly observed: Readonly<Record<string, Tensor>>;
  readonly target: Tensor | undefined;
  /** All of them by the names under which they are fed. */
  readonly all: Readonly<Record<string, Tensor>>;
  readonly values: Arrays;
}

/** The shared symbols of a problem's programs, with their values. */
export function sharedInputs(problem: Problem, { target }: DensityParts): SharedInputs {
  const parameters = parameterInputs(problem.model);
  const observed = Object.fromEntries(
    Object.entries(problem.observation).map(([name, { shape }]) => [name, input(`observed ${name}`, shape)]),
  );
  const settled = typeof target === "object" && "shape" in target ? target : undefined;
  const fixed = settled && input("fixed target", settled.shape);
  const named = Object.entries(observed).map(([name, node]) => [`observed ${name}`, node] as const);
  const seen = Object.entries(problem.observation).map(([name, array]) => [`observed ${name}`, array] as const);
  return {
    parameters,
    observed,
    target: fixed,
    all: { ...parameters, ...Object.fromEntries(named), ...(fixed && { "fixed target": fixed }) },
    values: {
      ...parameterValues(problem.params),
      ...Object.fromEntries(seen),
      ...(settled && { "fixed target": settled }),
    },
  };
}

/**
 * Compiles f and ∇f in float64. Programs hold 1 or `copies` of f: a run costs about the same for several points of a small problem as for one.
 */
export async function posteriorDensity(
  problem: Problem,
  executor: Executor,
  parts: DensityParts,
  copies = 1,
): Promise<PosteriorDensity> {
  const layout = unknownLayout(problem, parts);
  const shared = sharedInputs(problem, parts);
  const programs = new Map<number, Program>();
  const programOf = async (count: number): Promise<Program> => {
    const known = programs.get(count);
    if (known !== undefined) return known;
    const program = await executor.compile(densityGraph(problem, parts, shared, count), { precision: "float64" });
    programs.set(count, program);
    return program;
  };
  let evaluations = 0;
  const evaluateGroup = async (points: readonly Float64Array[]): Promise<readonly FlatEvaluation[]> => {
    const program = await programOf(points.length);
    const fed = points.flatMap((point, c) => suffixed(unflatten(point, layout), ` ${c}`));
    const result = await program.run({ ...shared.values, ...Object.fromEntries(fed) });
    evaluations += points.length;
    return points.map((_, c) => {
      const value = result[`value ${c}`]!.data[0]!;
      const parts = layout.parts.map(({ name }) => [name, result[`gradient ${name} ${c}`]!] as const);
      const gradient = flatten(Object.fromEntries(parts), layout);
      return { value, gradient, finite: Number.isFinite(value) && gradient.every(Number.isFinite) };
    });
  };
  return {
    layout,
    evaluate: async (points) => {
      const done: FlatEvaluation[] = [];
      while (done.length < points.length) {
        const rest = points.length - done.length;
        done.push(...(await evaluateGroup(points.slice(done.length, done.length + (rest >= copies ? copies : 1)))));
      }
      return done;
    },
    decode: (point) => {
      const { input: x, target } = unflatten(point, layout);
      return { input: x!, target: target ?? shared.values["fixed target"]! };
    },
    evaluations: () => evaluations,
    dispose: async () => {
      for (const program of programs.values()) await program.dispose();
    },
  };
}

function densityGraph(
  problem: Problem,
  parts: DensityParts,
  shared: SharedInputs,
  copies: number,
): ReturnType<typeof graph> {
  const inputs: Record<string, Tensor> = { ...shared.all };
  const outputs: Record<string, Tensor> = {};
  for (let c = 0; c < copies; c++) {
    const { unknowns, clean, energy } = traceDensity(problem, parts, shared, ` ${c}`);
    const misfit = parts.discrepancy.distance(clean, shared.observed);
    const value = energy === undefined ? misfit : add(misfit, energy);
    const names = Object.keys(unknowns);
    const gradients = grad(value, Object.values(unknowns));
    Object.assign(inputs, Object.fromEntries(suffixed(unknowns, ` ${c}`)));
    outputs[`value ${c}`] = value;
    names.forEach((name, i) => {
      outputs[`gradient ${name} ${c}`] = gradients[i]!;
    });
  }
  return graph(inputs, outputs);
}

function suffixed<T>(record: Readonly<Record<string, T>>, suffix: string): [string, T][] {
  return Object.entries(record).map(([name, value]) => [name + suffix, value]);
}
