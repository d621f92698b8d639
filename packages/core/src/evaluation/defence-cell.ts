import { audit } from "../audit.ts";
import { privacyOf } from "../defences/privacy.ts";
import { bootstrap } from "../judge/interval.ts";
import type { Attack } from "../problem.ts";
import { rng } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { DefenceFamily, EvaluationOptions } from "./evaluate-defences.ts";
import type { AttackOutcome, DefenceCell } from "./evaluation-record.ts";
import { noiseBound } from "./noise-bound.ts";
import { accountedTraining } from "./noise-for-epsilon.ts";

/** Where a cell of the table stands: a strength at a level of utility or at an ε, or why there is none. */
export interface CellSetting {
  readonly family: DefenceFamily;
  readonly level: number;
  readonly epsilon?: number;
  readonly strength?: number;
  readonly note?: string;
}

const fixedBatches =
  "Accuracy was measured with batches of fixed size; ε is that of Poisson sampling at the same rate.";

/** What a cell says of its setting besides the strength. */
export function placeOf({
  family,
  level,
  epsilon,
  note,
}: CellSetting): Pick<DefenceCell, "defence" | "level" | "epsilon" | "note"> {
  return {
    defence: family.name,
    level,
    ...(epsilon !== undefined && { epsilon }),
    ...(note !== undefined && { note }),
  };
}

/** Runs every attack at one setting, told of the defence and not, on the same victims, and puts floor, bound and ε beside. */
export async function defenceCell(options: EvaluationOptions, setting: CellSetting): Promise<DefenceCell> {
  const { family, strength } = setting;
  const place = placeOf(setting);
  if (strength === undefined) return { ...place, outcomes: [], strongest: {}, missing: {} };
  const { scenario, training } = options;
  const defended = { ...scenario, defences: family.at(strength, scenario.batch) };
  const runs: AttackRun[] = [];
  for (const adaptive of [true, false]) {
    for (const attack of scenario.attacks) runs.push(await runAttack(defended, attack, adaptive, options));
  }
  const floors = blindGuesses(runs);
  const guesses = floors.filter((guess) => guess !== undefined);
  const outcomes = runs.map((run) => outcomeOf(run, floors, options.seed));
  const { better } = scenario.source.domain.metrics[0]!;
  const bound = await (options.bound ?? noiseBound)({ ...defended, known: told(scenario, true) }, options);
  const privacy = privacyOf(family.at(strength, training.budget.batch), scenario.model, accountedTraining(training));
  return {
    ...place,
    strength,
    outcomes,
    strongest: {
      ...strongestOf(outcomes, true, better),
      ...strongestOf(outcomes, false, better),
    },
    ...(guesses.length > 0 && { floor: bootstrap(guesses, { rng: rng(options.seed).split("floor") }) }),
    ...("value" in bound && { bound }),
    ...("epsilon" in privacy && {
      privacy: { epsilon: privacy.epsilon, delta: privacy.delta, assumptions: [...privacy.assumptions, fixedBatches] },
    }),
    missing: {
      ...("reason" in bound && { bound: bound.reason }),
      ...("reasons" in privacy && { privacy: privacy.reasons.join(" ") }),
    },
  };
}

interface AttackRun {
  readonly attack: string;
  readonly adaptive: boolean;
  /** Scores and blind guesses of the items of each trial; empty for one that failed. */
  readonly scores: readonly (readonly number[])[];
  readonly floors: readonly (readonly number[])[];
  /** Of the first failure. */
  readonly reason?: string;
}

/** The flags that tell an attacker of a defence; `victim.ts` hides the defence from whoever lacks them. */
const defenceFlags = ["defenceKind", "defenceParams"];

function told({ known }: Scenario, adaptive: boolean): readonly string[] {
  const others = known.filter((flag) => !defenceFlags.includes(flag));
  return adaptive ? [...others, ...defenceFlags] : others;
}

async function runAttack(
  scenario: Scenario,
  attack: Attack,
  adaptive: boolean,
  { executor, seed, signal }: EvaluationOptions,
): Promise<AttackRun> {
  const metric = scenario.source.domain.metrics[0]!.name;
  const scores = Array.from({ length: scenario.trials }, (): number[] => []);
  const floors = Array.from({ length: scenario.trials }, (): number[] => []);
  let reason: string | undefined;
  const options = { executor, seed, signal, diagnosis: false };
  for await (const event of audit([{ ...scenario, known: told(scenario, adaptive), attacks: [attack] }], options)) {
    if (event.kind === "failure") reason ??= event.record.error.message;
    if (event.kind !== "result") continue;
    const { trial } = event.record;
    scores[trial]!.push(event.record.metric[metric]!);
    floors[trial]!.push(event.record.floor[metric]!);
  }
  return { attack: attack.name, adaptive, scores, floors, ...(reason !== undefined && { reason }) };
}

/** The blind guess of every trial that some attack got through: it depends on the data alone. */
function blindGuesses(runs: readonly AttackRun[]): readonly (number | undefined)[] {
  const trials = runs[0]?.floors.length ?? 0;
  return Array.from({ length: trials }, (_, trial) => {
    const items = runs.map((run) => run.floors[trial]!).find((values) => values.length > 0);
    return items && mean(items);
  });
}

function outcomeOf(
  { attack, adaptive, scores, reason }: AttackRun,
  floors: readonly (number | undefined)[],
  seed: number,
): AttackOutcome {
  const trials = scores.map((items) => {
    const score = items.length > 0 ? mean(items) : Number.NaN;
    return Number.isFinite(score) ? score : null;
  });
  const failures = trials.filter((score) => score === null).length;
  // Whoever has nothing guesses blindly; leaving such trials out would reward giving up on hard ones.
  const counted = trials.map((score, trial) => score ?? floors[trial]).filter((score) => score !== undefined);
  return {
    attack,
    adaptive,
    ...(failures < trials.length && {
      score: bootstrap(counted, { rng: rng(seed).split(`interval ${attack} ${adaptive}`) }),
    }),
    trials,
    failures,
    ...(failures > 0 && reason !== undefined && { reason }),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The attack that reconstructs best on average: the least error, or the highest score. */
function strongestOf(
  outcomes: readonly AttackOutcome[],
  adaptive: boolean,
  better: "higher" | "lower",
): { readonly adaptive?: string; readonly oblivious?: string } {
  const rank = (outcome: AttackOutcome): number => (better === "lower" ? -1 : 1) * outcome.score!.mean;
  const [best] = outcomes
    .filter((outcome) => outcome.adaptive === adaptive && outcome.score !== undefined)
    .sort((a, b) => rank(b) - rank(a));
  if (best === undefined) return {};
  return adaptive ? { adaptive: best.attack } : { oblivious: best.attack };
}
