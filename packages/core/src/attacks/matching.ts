/**
 * The objective of gradient matching as one compiled program:
 *
 *     J(u) = d( D F(x(u), t(u)), y ) + Σ R(x(u)) + Σ P(x(u), t(u)) + a R_feat(x(u))
 *
 * with x the unknown input itself or the output of a generator, t the target, fixed or unknown too, and ∂J/∂u.
 */
import {
  type Arrays,
  add,
  type Executor,
  grad,
  graph,
  input,
  mul,
  type NdArray,
  sizeOf,
  softmax,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import type { Discrepancy } from "../discrepancies/discrepancy.ts";
import { parameterInputs, parameterValues } from "../operators/observation-graph.ts";
import type { EnergyPrior, GeneratorPrior, Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import type { Box } from "../solvers/box.ts";
import type { Evaluation } from "../solvers/objective.ts";
import { type FeatureTerm, featureAssignment, featureMisfit } from "./feature-term.ts";
import { demandFinitePriors } from "./finite-priors.ts";
import { expectedObservation } from "./forward.ts";

/** A candidate, symbolically, with the nuisances that are searched for by their own names. */
export interface Candidate {
  /** [B, ...]. */
  readonly input: Tensor;
  readonly target: Tensor;
  readonly nuisances: Tensors;
}

/** What speaks against a candidate whatever was observed: a scalar. */
export type Penalty = (candidate: Candidate) => Tensor;

/** Where unknown arrays of a shape start. */
export type Start = (shape: readonly number[], rng: Rng) => NdArray;

export interface MatchingParts {
  readonly batch: number;
  readonly discrepancy: Discrepancy;
  readonly energies: readonly EnergyPrior[];
  /** Besides the energies, which speak of the input alone; none unless given. */
  readonly penalties?: readonly Penalty[];
  /** Write the input as G(z); the unknowns are then the generator's free variables. */
  readonly generator?: GeneratorPrior;
  /** Weight of the generator's own −log p(z), where it states one; 0 unless said, since it is in nats and a discrepancy need not be. */
  readonly latentWeight?: number;
  /** Known targets, shape [B, ...target], or `joint` to search for them together with the input. */
  readonly target: NdArray | "joint";
  /** Search for what the client drew, such as the units it left out, unless the observation gives it away; otherwise its expectation stands in. */
  readonly nuisances?: "search";
  /** What is known of the features of the samples. */
  readonly features?: FeatureTerm;
  /** Whether ∂J/∂u is wanted; true unless said. A search that only compares candidates saves two thirds of an evaluation without. */
  readonly derivatives?: boolean;
}

export interface MatchingEvaluation extends Evaluation {
  /** d(D F, y) alone, without the priors. */
  readonly discrepancy: number;
  /** x(u) and t(u). */
  readonly decoded: { readonly input: NdArray; readonly target: NdArray };
  /** Those that are searched for, by their own names. */
  readonly nuisances: Arrays;
}

export interface Matching {
  /** One evaluation of the forward operator and its derivative. */
  evaluate(unknowns: Arrays): Promise<MatchingEvaluation>;
  dispose(): Promise<void>;
}

/** Names of the unknowns of a matching problem and where a search starts. Targets that are searched for start standard normal unless said. */
export function startingPoint(
  problem: Problem,
  parts: MatchingParts,
  rng: Rng,
  start: Start,
  targetStart: Start = standardNormal,
): Arrays {
  const shape = [parts.batch, ...problem.model.input.shape];
  const latent = parts.generator?.init(shape, rng.split("generator"));
  const inputs = latent === undefined ? { input: start(shape, rng.split("input")) } : prefixed("latent ", latent);
  const target =
    parts.target === "joint" && targetStart([parts.batch, ...problem.model.target.shape], rng.split("target"));
  const nuisances = searchedNuisances(problem, parts).map(([name, { shape, expected }]): [string, NdArray] => {
    const whole = [parts.batch, ...shape];
    return [`nuisance ${name}`, { shape: whole, data: new Float64Array(sizeOf(whole)).fill(expected) }];
  });
  return { ...inputs, ...(target && { target }), ...Object.fromEntries(nuisances) };
}

const draws = 64;

/** Least and greatest value of each nuisance that is searched for, as the client draws them, by the unknown's name. */
export function nuisanceBox(problem: Problem, parts: Pick<MatchingParts, "nuisances">, rng: Rng): Box {
  const bounds = searchedNuisances(problem, parts).map(([name, nuisance]) => {
    const drawn = Float64Array.from(nuisance.draw(rng.split(name), draws).data);
    const [lower, upper] = [drawn.reduce((a, b) => Math.min(a, b)), drawn.reduce((a, b) => Math.max(a, b))];
    return [`nuisance ${name}`, { lower, upper }] as const;
  });
  return Object.fromEntries(bounds);
}

function searchedNuisances({ model, knowledge }: Problem, { nuisances }: Pick<MatchingParts, "nuisances">) {
  const all = nuisances === "search" ? Object.entries(model.nuisances ?? {}) : [];
  return all.filter(([name]) => knowledge[name] === undefined);
}

/** Independent standard normal numbers. */
export function standardNormal(shape: readonly number[], rng: Rng): NdArray {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => rng.normal()) };
}

/** Builds and compiles the objective; the program takes the weights and the observation as inputs, so trials share it. */
export async function compileMatching(
  problem: Problem,
  executor: Executor,
  parts: MatchingParts,
  start: Arrays,
): Promise<Matching> {
  const { model } = problem;
  const unknowns = Object.fromEntries(Object.entries(start).map(([name, { shape }]) => [name, input(name, shape)]));
  const shape = [parts.batch, ...model.input.shape];
  const candidate = {
    input:
      parts.generator === undefined
        ? unknowns.input!
        : parts.generator.decode(withoutPrefix("latent ", unknowns), shape),
    target: targetOf(problem, parts, unknowns),
  };
  const nuisances = withoutPrefix("nuisance ", unknowns);
  const parameters = parameterInputs(model);
  const observation = Object.fromEntries(
    Object.entries(problem.observation).map(([name, a]) => [name, input(`observed ${name}`, a.shape)]),
  );
  const expected = expectedObservation(problem, parameters, { ...nuisances, ...candidate });
  const discrepancy = parts.discrepancy.distance(expected, observation);
  const energy = parts.energies.reduce(
    (total: Tensor, prior) => add(total, prior.energy(candidate.input)),
    discrepancy,
  );
  const penalised = (parts.penalties ?? []).reduce(
    (total, penalty) => add(total, penalty({ ...candidate, nuisances })),
    latentEnergyOf(parts, unknowns, energy),
  );
  const features = parts.features && featureMisfit(model, parameters, candidate, parts.features);
  const value = features === undefined ? penalised : add(penalised, features.penalty);
  const names = parts.derivatives === false ? [] : Object.keys(unknowns);
  const gradients = grad(
    value,
    names.map((name) => unknowns[name]!),
  );
  const outputs = {
    value,
    discrepancy,
    "decoded input": candidate.input,
    "decoded target": candidate.target,
    ...(features && { features: features.candidate }),
    ...Object.fromEntries(names.map((name, i) => [`gradient ${name}`, gradients[i]!])),
  };
  const fixedTarget = parts.target === "joint" ? {} : { "fixed target": candidate.target };
  const inputs = {
    ...unknowns,
    ...fixedTarget,
    ...parameters,
    ...prefixed("observed ", observation),
    ...features?.inputs,
  };
  const program = await executor.compile(graph(inputs, outputs));
  const known = parts.target === "joint" ? {} : { "fixed target": parts.target };
  const fixed = { ...known, ...parameterValues(problem.params), ...prefixed("observed ", problem.observation) };
  const assignment = parts.features && featureAssignment(parts.features);
  let started = false;
  return {
    async evaluate(point) {
      const result = await program.run({ ...fixed, ...point, ...assignment?.values() });
      if (!started) {
        demandFinitePriors(parts, {
          unknowns: point,
          decoded: { input: result["decoded input"]! },
          discrepancy: result.discrepancy!.data[0]!,
          value: result.value!.data[0]!,
        });
        started = true;
      }
      assignment?.see(result.features!);
      return {
        value: result.value!.data[0]!,
        discrepancy: result.discrepancy!.data[0]!,
        gradient: Object.fromEntries(names.map((name) => [name, result[`gradient ${name}`]!])),
        decoded: { input: result["decoded input"]!, target: result["decoded target"]! },
        nuisances: withoutPrefix("nuisance ", point),
      };
    },
    dispose: () => program.dispose(),
  };
}

/** `total` and what the generator says against its free variables. */
function latentEnergyOf({ generator, latentWeight = 0 }: MatchingParts, unknowns: Tensors, total: Tensor): Tensor {
  if (generator?.latentEnergy === undefined || latentWeight === 0) return total;
  return add(total, mul(generator.latentEnergy(withoutPrefix("latent ", unknowns)), latentWeight));
}

/** Unknown labels are searched for as logits, so that they stay a distribution. */
function targetOf(problem: Problem, parts: MatchingParts, unknowns: Tensors): Tensor {
  if (parts.target !== "joint") return input("fixed target", parts.target.shape);
  return problem.model.target.kind === "distribution" ? softmax(unknowns.target!) : unknowns.target!;
}

function prefixed<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

function withoutPrefix<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
