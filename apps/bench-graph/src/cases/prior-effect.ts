import { type BenchCase, failedMeasurement, type Measurement, type TrialContext } from "@recon/bench";
import { type Attack, gaussianNoise, pairedBootstrap, rng } from "@recon/core";
import { grain, moleculeGenerator, priorOnly, relaxed } from "@recon/graph";
import { type Compared, compareAttacks, meanOf, scoresOf } from "../victims/compare-attacks.ts";
import { moleculeModels } from "../victims/molecule-case.ts";

const id = "prior-effect";
/** Molecules of one trial, at every noise. */
const graphs = 20;

interface Effect {
  /** Name of the attack, and suite. */
  readonly name: string;
  readonly attack: (prior: "none" | "generator") => Attack;
  readonly told: readonly string[];
  readonly noise: readonly number[];
  /** Noise at which it is judged: where given, every one; else the largest at which the attack without a prior still beats the floor in the mean. */
  readonly judgedAt?: "every noise";
  readonly seeds: number;
  readonly observation: "float32" | "float64";
  readonly evaluations: number;
}

const generator = moleculeGenerator();

/** It compares whole molecules there, and is told how many atoms there are. */
const behindNoise = {
  name: "grain",
  attack: (prior: "none" | "generator") => grain({}, prior === "none" ? [] : [generator]),
  told: ["nodeCount", "auxiliaryData"],
  seeds: 1,
  observation: "float64",
  evaluations: 500,
} as const;

const effects: readonly Effect[] = [
  {
    name: "relaxed",
    attack: (prior) => relaxed({}, prior === "none" ? [] : [generator]),
    told: ["adjacency", "auxiliaryData"],
    noise: [0.03, 0.1, 0.3, 1],
    seeds: 1,
    observation: "float32",
    evaluations: 300,
  },
  { ...behindNoise, noise: [0.03, 0.1, 0.3, 1] },
  { ...behindNoise, noise: [1e-4, 1e-3, 1e-2], judgedAt: "every noise" },
];

/** What the generator of molecules adds to the atoms that come back under noise: the same victims, noise and evaluations, with it and without. */
export const priorEffectCases: readonly BenchCase[] = effects.map((effect) => ({
  id,
  suite: effect.name,
  // The mean F1 of atoms, and the lower end of the 95 % interval of the mean difference.
  targets: { gain: ">=0.05", gain_low: ">=0.000001" },
  seeds: effect.seeds,
  trial: (seed, context) => judged(effect, seed, context),
}));

/** Mean F1 over the molecules at one noise. */
interface Level {
  readonly noise: number;
  readonly f1: Readonly<Record<string, number>>;
  readonly floor: number;
  /** Of the mean of (with − without), 95 %. */
  readonly gain: readonly [number, number];
  readonly own: readonly Compared[];
}

async function* judged(effect: Effect, seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const levels: Level[] = [];
  for (const noise of effect.noise) {
    const level = await levelOf(effect, noise, seed, context);
    if (context.signal.aborted) return;
    levels.push(level);
    if (effect.judgedAt === "every noise") yield measurement(level, [level], effect);
  }
  if (effect.judgedAt === "every noise") return;
  // Two molecules of a quick run need not show anything; it only has to run.
  const chosen = levels.findLast(({ f1, floor }) => f1.plain! > floor) ?? (context.quick ? levels[0] : undefined);
  if (chosen === undefined) yield failedMeasurement(`Without a prior ${effect.name} beats the floor at no noise.`);
  else yield measurement(chosen, levels, effect);
}

async function levelOf(effect: Effect, noise: number, seed: number, context: TrialContext): Promise<Level> {
  const { attack, told, observation, evaluations } = effect;
  const results = await compareAttacks(
    {
      id: `${id} ${effect.name}`,
      model: moleculeModels.gcn(300),
      attacks: { plain: attack("none"), generator: attack("generator"), prior_only: priorOnly([generator]) },
      told,
      defences: [gaussianNoise({ rel_noise: noise })],
      observation,
      graphs,
      evaluations,
    },
    seed,
    context,
  );
  const f1 = (of: string): readonly number[] => scoresOf(results[of]!, "node_f1");
  const stream = rng(id).split(`${effect.name} ${seed} ${noise}`);
  const { bounds } = pairedBootstrap(f1("generator"), f1("plain"), { rng: stream });
  return {
    noise,
    f1: Object.fromEntries(Object.keys(results).map((name) => [name, meanOf(f1(name))])),
    floor: meanOf(scoresOf(results.plain!, "node_f1", "floor")),
    gain: bounds ?? [Number.NaN, Number.NaN],
    own: results.generator!,
  };
}

function measurement({ noise, f1, floor, gain, own }: Level, levels: readonly Level[], effect: Effect): Measurement {
  const every = levels.flatMap((level) => [
    ...Object.entries(level.f1).map(([name, value]) => [`node_f1_${name}_at_${level.noise}`, value] as const),
    [`gain_low_at_${level.noise}`, level.gain[0]] as const,
  ]);
  return {
    item: `${own.length} molecules, rel_noise=${noise}`,
    attack: own[0]!.attack,
    given: own[0]!.given,
    observation: effect.observation,
    metric: {
      rel_noise: noise,
      node_f1: f1.generator!,
      node_f1_plain: f1.plain!,
      node_f1_prior_only: f1.prior_only!,
      gain: f1.generator! - f1.plain!,
      gain_low: gain[0],
      gain_high: gain[1],
      ...Object.fromEntries(every),
    },
    floor: { node_f1: floor },
    certificate: "none",
    verdict: "partial",
    reason: `Means over ${own.length} molecules, paired with the attack without a prior; the interval is a bootstrap of the differences.`,
    residual: meanOf(own.map(({ residual }) => residual)),
    seconds: meanOf(own.map(({ seconds }) => seconds)),
    evaluations: own.reduce((total, { evaluations }) => total + evaluations, 0),
  };
}
