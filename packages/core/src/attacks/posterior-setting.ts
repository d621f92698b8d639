/** What maximum-a-posteriori estimation and posterior sampling share: the likelihood, the targets, the starts. */
import type { NdArray } from "@recon/engine";
import { firstNonFinite } from "../arrays.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Discrepancy } from "../discrepancies/discrepancy.ts";
import { likelihood } from "../discrepancies/likelihood.ts";
import { gaussian } from "../priors/gaussian.ts";
import type { Applicability, Attack, AttackContext, EnergyPrior, Flag, Json, Problem, Progress } from "../problem.ts";
import { flatten } from "../solvers/layout.ts";
import { applicable } from "./applicable.ts";
import { continuousInput } from "./continuous-input.ts";
import { type DensityParts, unknownLayout } from "./posterior-density.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

export interface PosteriorOptions {
  /** Prior of the inputs; N(0, 1) an entry unless given. `flat` leaves the likelihood alone. */
  readonly prior?: EnergyPrior | "flat";
  /** Prior of real targets that nobody told; N(0, 1) unless given. `joint` where that of the inputs speaks of both. */
  readonly targetPrior?: EnergyPrior | "flat" | "joint";
  /** Attacks whose result is a start, where they apply. */
  readonly from?: readonly Attack[];
  /** Starts drawn from the prior besides its best guess; 3 unless given. */
  readonly draws?: number;
}

/** Targets as told or read off the head; real ones that are neither are unknowns. */
export function targetsOf(
  problem: Problem,
  { prior, targetPrior = gaussian() }: PosteriorOptions,
): { readonly target: DensityParts["target"]; readonly given: readonly Flag[] } | { readonly reason: string } {
  const settled = recoveredTargets(problem, batchSizeOf(problem));
  if ("value" in settled) return { target: settled.value, given: settled.given };
  if (targetPrior === "joint" && (prior === undefined || prior === "flat" || prior.jointEnergy === undefined)) {
    return { reason: "the prior of the inputs says nothing of targets" };
  }
  if (problem.model.target.kind === "real") return { target: targetPrior, given: [] };
  return settled;
}

/** Whether the channel says how likely an observation is, and the input can be moved towards likelier ones. */
export function statesLikelihood(problem: Problem): Applicability {
  const continuous = continuousInput(problem);
  if (continuous !== true) return continuous;
  const { defences, observation } = problem;
  const { channel, name } = composeDefences(defences);
  if (channel === undefined) return { reason: "there is no channel, so no noise and no likelihood" };
  return channel.likelihood?.(observation) === undefined
    ? { reason: `the channel ${name} states no likelihood` }
    : true;
}

/** The parts of the density of a problem. */
export function densityParts(
  problem: Problem,
  options: PosteriorOptions,
  target: DensityParts["target"],
): DensityParts {
  const { prior = gaussian() } = options;
  const discrepancy: Discrepancy = likelihood({
    defence: composeDefences(problem.defences),
    observation: problem.observation,
  });
  return { batch: batchSizeOf(problem), discrepancy, target, ...(prior !== "flat" && { prior }) };
}

/** Where searches start, best informed first: what the given attacks find, the prior's best guess, and draws of it. */
export async function* startingPoints(
  problem: Problem,
  context: AttackContext,
  parts: DensityParts,
  options: PosteriorOptions,
): AsyncGenerator<
  Progress,
  readonly { readonly x: Float64Array; readonly from: string; readonly evaluations: number }[]
> {
  const { draws = 3, from = [] } = options;
  const layout = unknownLayout(problem, parts);
  const starts: { x: Float64Array; from: string; evaluations: number }[] = [];
  for (const attack of from) {
    if (applicable(attack, problem) !== true) continue;
    for await (const event of attack.run(problem, { ...context, rng: context.rng.split(attack.name) })) {
      if (event.kind === "progress") yield event;
      else if (firstNonFinite(event.value) === undefined && fits(event.value.input, parts, problem)) {
        const value = {
          ...event.value,
          ...(event.value.target?.data.length === 0 && { target: zeros(parts, problem) }),
        };
        starts.push({ x: flatten(value, layout), from: attack.name, evaluations: event.evaluations });
      }
    }
  }
  for (let i = 0; i <= draws; i++) {
    const rng = context.rng.split(`start ${i}`);
    const drawn = layout.parts.map(({ name, shape }) => {
      const prior = name === "input" ? parts.prior : (parts.target as EnergyPrior | "flat" | "joint");
      const source =
        prior === undefined || prior === "flat" || prior === "joint" || "shape" in prior ? gaussian() : prior;
      const draw = i === 0 ? (source.blind ?? gaussian().blind) : (source.sample ?? gaussian().sample);
      return [name, draw(shape, rng.split(name))] as const;
    });
    starts.push({
      x: flatten(Object.fromEntries(drawn), layout),
      from: i === 0 ? "the prior's best guess" : "a draw of the prior",
      evaluations: 0,
    });
  }
  return starts;
}

function fits(input: NdArray | undefined, { batch }: DensityParts, { model }: Problem): boolean {
  return input !== undefined && input.shape.join() === [batch, ...model.input.shape].join();
}

function zeros({ batch }: DensityParts, { model }: Problem): NdArray {
  const shape = [batch, ...model.target.shape];
  return { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) };
}

/** The options as they are recorded. */
export function posteriorOptionsRecord(options: PosteriorOptions): Json {
  const { prior = gaussian(), targetPrior = gaussian(), from = [], draws = 3 } = options;
  const named = (p: EnergyPrior | "flat" | "joint"): Json =>
    typeof p === "string" ? p : { name: p.name, options: p.options };
  return { prior: named(prior), targetPrior: named(targetPrior), from: from.map(({ name }) => name), draws };
}
