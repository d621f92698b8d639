import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  type DefenceCell,
  type DefenceFamily,
  defaultKnowledge,
  type EvaluationOptions,
  type EvaluationRecord,
  evaluateDefences,
  gaussianNoise,
  gradient,
  pruneMagnitude,
  quantise,
  rms,
  type Scenario,
  tensor,
  visibleEntries,
} from "@recon/core";
import { pooledDigits } from "../data/pooled-digits.ts";
import { wideTwoLayer } from "../victims/trainable.ts";

/** Percentage points of accuracy. */
const levels = [1, 2, 5];

const families: readonly DefenceFamily[] = [
  {
    name: "gaussian-noise",
    parameter: "rel_noise",
    strengths: [0.1, 0.3, 0.6, 1, 2, 4],
    at: (rel_noise) => [gaussianNoise({ rel_noise })],
  },
  {
    name: "prune-magnitude",
    parameter: "rate",
    strengths: [0.3, 0.6, 0.8, 0.9, 0.95, 0.98],
    at: (rate) => [pruneMagnitude({ rate })],
  },
  { name: "quantise", parameter: "bits", strengths: [6, 4, 3, 2], at: (bits) => [quantise({ bits })] },
];

const scenario = (quick: boolean): Scenario => ({
  id: "pruning-verdict",
  title: "pruning-verdict",
  summary: "",
  model: wideTwoLayer(49, 1000),
  source: pooledDigits(),
  batch: 4,
  operator: gradient(),
  defences: [],
  observationPrecision: "float64",
  known: defaultKnowledge,
  attacks: [tensor(), visibleEntries({ restarts: 4 })],
  trials: quick ? 2 : 5,
  budget: { evaluations: 1000 },
  onError: "skip",
  audit: {},
});

const training = (quick: boolean): EvaluationOptions["training"] => ({
  budget: { steps: quick ? 150 : 300, batch: 4 },
  rates: [0.1, 0.3],
  seeds: quick ? 1 : 2,
  train: 3000,
  test: 1500,
});

async function* verdict(seed: number, { executor, signal, quick }: TrialContext): AsyncGenerator<Measurement, void> {
  const started = performance.now();
  let last: EvaluationRecord | undefined;
  const options = { title: "pruning", scenario: scenario(quick), families, levels, training: training(quick) };
  for await (const event of evaluateDefences({ ...options, metric: rms({ sign: true }), executor, seed, signal })) {
    if (event.kind === "record") last = event.record;
  }
  if (last === undefined) return;
  const seconds = (performance.now() - started) / 1000 / (2 * levels.length);
  for (const level of levels) {
    for (const told of [false, true]) yield comparison(last, level, told, seconds);
  }
}

/** What pruning leaves against the most that any other defence does, at one level, by the strongest attacker of one side. */
function comparison({ cells }: EvaluationRecord, level: number, told: boolean, seconds: number): Measurement {
  const errors = cells
    .filter((cell) => cell.level === level)
    .flatMap((cell) => {
      const error = strongestError(cell, told);
      return error === undefined ? [] : [{ defence: cell.defence, error }];
    });
  const pruning = errors.find(({ defence }) => defence === "prune-magnitude");
  const [rival] = errors.filter((one) => one !== pruning).sort((a, b) => b.error - a.error);
  const floor = cells.find((cell) => cell.floor !== undefined)?.floor?.mean;
  const holds = pruning !== undefined && rival !== undefined && pruning.error > rival.error !== told;
  return {
    item: `${level} points, ${told ? "told" : "not told"}`,
    attack: told ? "visible-entries or tensor" : "tensor",
    given: ["architecture", "weights", "batchSize", ...(told ? ["defenceKind", "defenceParams"] : [])],
    observation: "float64",
    metric: {
      finding_holds: holds ? 1 : 0,
      ...(pruning && { pruning_rms: pruning.error }),
      ...(rival && { rival_rms: rival.error }),
      utility_loss: level,
    },
    ...(floor === undefined
      ? { floorReason: "no attack could be run" }
      : { floor: { pruning_rms: floor, rival_rms: floor } }),
    certificate: "none",
    verdict: "budget spent",
    reason: `Pruning leaves ${pruning?.error.toPrecision(3) ?? "nothing measured"}; the best other defence, ${rival?.defence ?? "none"}, leaves ${rival?.error.toPrecision(3) ?? "nothing measured"}.`,
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
 * "Pruning is the best defence at equal utility" on two wide layers and real digits: `finding_holds` is 1 where pruning leaves more error than every other
 * defence to attackers who are not told of it, and where it does not to those who are.
 */
export const pruningCases: readonly BenchCase[] = [
  { id: "pruning-verdict", suite: "defences", targets: { finding_holds: ">=1" }, seeds: 1, trial: verdict },
];
