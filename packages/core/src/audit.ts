import { itemOf } from "./arrays.ts";
import { applicable } from "./attacks/applicable.ts";
import { exactAttacks } from "./attacks/exact-attacks.ts";
import { diagnose } from "./diagnose/diagnose.ts";
import { ReconError } from "./errors.ts";
import { type JudgedItem, judge } from "./judge/judge.ts";
import { memorisedItems } from "./judge/memorised-items.ts";
import type { Attack, OpenData, Problem, ShownItem, Solution } from "./problem.ts";
import { type Rng, rng } from "./random.ts";
import type { AuditEvent, AuditOptions, Scenario } from "./scenario.ts";
import { resultRecord, scenarioRecord } from "./scenario-record.ts";
import { timeLimit } from "./time-limit.ts";
import { type Observed, observe } from "./victim.ts";

/**
 * Runs every trial of every scenario and tells what happens as it happens.
 *
 *     observe → diagnose → attack (neither sees the truth) → judge
 *
 * A trial that cannot be run becomes a `failure` event and the audit goes on; what makes a whole scenario impossible is thrown.
 *
 * @throws ReconError `too-few-items`, `data-does-not-fit`, `unreadable-items`, and what opening the data throws.
 */
export async function* audit(scenarios: readonly Scenario[], options: AuditOptions): AsyncGenerator<AuditEvent, void> {
  for (const scenario of scenarios) {
    if (options.signal.aborted) return;
    const data = await scenario.source.open();
    refuseUnreadable(scenario, data);
    yield { kind: "scenario", record: scenarioRecord(scenario, data) };
    const random = rng(options.seed).split(`scenario ${scenario.id}`);
    for (let trial = 0; trial < scenario.trials && !options.signal.aborted; trial++) {
      yield { kind: "trial", scenario: scenario.id, trial, trials: scenario.trials };
      yield* runTrial(scenario, data, trial, random, options);
    }
  }
}

/** What makes every trial of a scenario impossible, so that going on would only repeat it. */
const fatal: readonly string[] = ["too-few-items", "data-does-not-fit"];

function refuseUnreadable(scenario: Scenario, data: OpenData): void {
  const faulty = data.skipped.filter(({ byOptions }) => byOptions !== true);
  if (scenario.onError !== "refuse" || faulty.length === 0) return;
  const listed = faulty.map(({ id, reason }) => `${id} (${reason})`).join(", ");
  throw new ReconError(
    "unreadable-items",
    `Items of ${scenario.source.name} cannot be read: ${listed}. Repair or remove them, or skip such items.`,
  );
}

/** The stable code of an error that says what to do, whichever package or copy of a package it comes from; undefined for a defect. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function* runTrial(
  scenario: Scenario,
  data: OpenData,
  trial: number,
  random: Rng,
  options: AuditOptions,
): AsyncGenerator<AuditEvent, void> {
  const failure = (attack: string, error: unknown): AuditEvent => {
    const code = codeOf(error);
    if (code === undefined || fatal.includes(code)) throw error;
    const { message } = error as Error;
    return {
      kind: "failure",
      record: { scenario: scenario.id, seed: options.seed, trial, attack, error: { code, message } },
    };
  };
  let observed: Observed;
  try {
    observed = await observe(scenario, data, trial, random, options.executor, options.signal);
  } catch (error) {
    // A victim whose training was stopped has shown nothing yet.
    if (options.signal.aborted) return;
    yield failure("", error);
    return;
  }
  if (trial === 0 && options.diagnosis !== false) yield* diagnosed(scenario, observed.problem, random, options);
  for (const attack of scenario.attacks) {
    if (options.signal.aborted) return;
    try {
      yield* runAttack(scenario, attack, observed, trial, random, options);
    } catch (error) {
      // An attack that was stopped before it had anything to show.
      if (options.signal.aborted) return;
      yield failure(attack.name, error);
    }
  }
}

/** What can be known before attacking. A model that cannot be looked at this way can be attacked all the same. */
async function* diagnosed(
  scenario: Scenario,
  problem: Problem,
  random: Rng,
  { executor, signal }: AuditOptions,
): AsyncGenerator<AuditEvent, void> {
  const rng = random.split("diagnosis");
  const latents = Object.keys(problem.operator.latents ?? {});
  if (latents.length > 0) {
    const noDiagnosis = `What is known before attacking is said of gradients and updates. Of ${problem.operator.name}, whose ${latents.join(", ")} are unknown too, the attack itself says what the weights determine.`;
    yield { kind: "diagnosis", scenario: scenario.id, finding: { noDiagnosis } };
    return;
  }
  try {
    const { attacks } = scenario;
    const known = exactAttacks();
    const own = attacks
      .flatMap((attack) => attack.exact?.() ?? [])
      .filter(({ name }) => !known.some((solver) => solver.name === name));
    const diagnosis = await diagnose(problem, { executor, rng, signal, solvers: [...own, ...known], attacks });
    yield { kind: "diagnosis", scenario: scenario.id, finding: { diagnosis } };
  } catch (error) {
    if (signal.aborted) return;
    if (codeOf(error) === undefined) throw error;
    yield { kind: "diagnosis", scenario: scenario.id, finding: { noDiagnosis: (error as Error).message } };
  }
}

async function* runAttack(
  scenario: Scenario,
  attack: Attack,
  observed: Observed,
  trial: number,
  random: Rng,
  options: AuditOptions,
): AsyncGenerator<AuditEvent, void> {
  const { problem, truth } = observed;
  const answer = applicable(attack, problem);
  if (answer !== true)
    throw new ReconError("attack-does-not-apply", `${attack.name} does not apply here: ${answer.reason}.`);
  const { timeLimitMs } = scenario.budget;
  const limit = timeLimitMs === undefined ? undefined : timeLimit(options.signal, timeLimitMs);
  const context = {
    executor: options.executor,
    budget: scenario.budget,
    rng: random.split(`trial ${trial}`).split(attack.name),
    signal: limit?.signal ?? options.signal,
  };
  const started = performance.now();
  let solution: Solution | undefined;
  try {
    for await (const event of attack.run(problem, context)) {
      if (event.kind === "solution") solution = event;
      else
        yield {
          kind: "progress",
          scenario: scenario.id,
          trial,
          attack: attack.name,
          fraction: event.fraction,
          message: event.message ?? "",
        };
    }
  } finally {
    limit?.dispose();
  }
  if (solution === undefined) throw new ReconError("no-solution", `${attack.name} ended without a solution.`);
  const seconds = (performance.now() - started) / 1000;
  const where = { scenario, attack, trial, seed: options.seed };
  const memorised = memorisedItems(solution.value, truth, problem.domain);
  for (const [i, item] of judge(solution.value, truth, problem.domain).entries()) {
    const spread = item.place < 0 ? undefined : solution.uncertainty?.input;
    const pictures = await problem.domain.render({
      ...shown(item, "input"),
      targets: shown(item, "target"),
      floorName: item.floor.name,
      ...(spread && { uncertainty: itemOf(spread, item.place) }),
    });
    yield { kind: "result", record: resultRecord(where, observed, solution, item, seconds, memorised?.[i]), pictures };
  }
}

/** Inputs or targets of a judged item. */
function shown({ estimate, truth, floor }: JudgedItem, what: "input" | "target"): ShownItem["targets"] & object {
  return {
    ...(estimate[what] && { estimate: estimate[what] }),
    ...(truth[what] && { truth: truth[what] }),
    ...(floor[what] && { floor: floor[what] }),
  };
}
