import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import { type DefenceCell, type EvaluationRecord, evaluateDefences } from "@recon/core";
import { defenceFamilies } from "./defence-families.ts";
import { scenarioOf, trainingOf, type Victim, victims } from "./defences.ts";

/** Percentage points of accuracy. */
const levels = [1, 2, 5];

const pruning = ["prune-magnitude", "prune-random"];
const noise = ["gaussian-noise"];
/** What neither prunes nor adds noise. */
const others = ["clip-entry", "quantise", "dropout"];

async function* verdicts(
  victim: Victim,
  seed: number,
  { executor, signal, quick }: TrialContext,
): AsyncGenerator<Measurement, void> {
  const started = performance.now();
  const compared = [...pruning, ...noise, ...others];
  let last: EvaluationRecord | undefined;
  for await (const event of evaluateDefences({
    title: victim.name,
    scenario: scenarioOf(victim, quick),
    families: defenceFamilies(quick).filter(({ name }) => compared.includes(name)),
    levels,
    training: trainingOf(quick),
    executor,
    seed,
    signal,
  })) {
    if (event.kind === "record") last = event.record;
  }
  if (last === undefined) return;
  const seconds = (performance.now() - started) / 1000 / (2 * levels.length);
  for (const level of levels) {
    for (const told of [false, true]) yield comparison(last, level, told, seconds);
  }
}

/** What pruning leaves at one level against noise and against the rest, by the strongest attacker of one side. */
function comparison({ cells }: EvaluationRecord, level: number, told: boolean, seconds: number): Measurement {
  const most = (names: readonly string[]): number =>
    Math.max(
      ...cells
        .filter((cell) => cell.level === level && names.includes(cell.defence))
        .map((cell) => strongestError(cell, told) ?? 0),
    );
  const [pruned, noisy, rest] = [most(pruning), most(noise), most(others)];
  const floor = cells.find((cell) => cell.floor !== undefined)?.floor?.mean;
  return {
    item: `${level} points, ${told ? "told" : "not told"}`,
    attack: "the strongest of the set",
    given: ["architecture", "weights", "lossKind", "labels", ...(told ? ["defenceKind", "defenceParams"] : [])],
    observation: "float32",
    metric: {
      finding_holds: (told ? pruned < noisy : pruned > rest) ? 1 : 0,
      pruning_mse: pruned,
      noise_mse: noisy,
      others_mse: rest,
      utility_loss: level,
    },
    ...(floor === undefined
      ? { floorReason: "no attack could be run" }
      : { floor: { pruning_mse: floor, noise_mse: floor, others_mse: floor } }),
    certificate: "none",
    verdict: "budget spent",
    reason: told
      ? "Holds where pruning leaves less to an attacker who knows of it than noise at the same cost."
      : "Holds where pruning leaves more to an attacker who does not know of it than every defence without noise at the same cost.",
    residual: Number.NaN,
    seconds,
    evaluations: 0,
  };
}

function strongestError({ outcomes, strongest }: DefenceCell, told: boolean): number | undefined {
  const attack = told ? strongest.adaptive : strongest.oblivious;
  return outcomes.find((one) => one.adaptive === told && one.attack === attack)?.score?.mean;
}

/**
 * "Gradient pruning is the best defence at equal utility": among those without noise it is, for attackers who are not told of it; those who are read the mask off
 * the zeros. On two layers that is judged; on a LeNet it is measured.
 *
 * @see Liu, Wang, Chen & Lei, "Data Reconstruction Attacks and Defenses: A Systematic Evaluation", AISTATS 2025.
 */
export const pruningCases: readonly BenchCase[] = victims.map((victim, place) => ({
  id: place === 0 ? "pruning-verdict" : `pruning-verdict/${victim.name}`,
  suite: "defences",
  targets: place === 0 ? { finding_holds: ">=1" as const } : {},
  seeds: 1,
  trial: (seed, context) => verdicts(victim, seed, context),
}));
