import { diagnose } from "../diagnose/diagnose.ts";
import type { Diagnosis } from "../diagnose/diagnosis.ts";
import { undeterminedClause } from "../diagnose/summary.ts";
import type { Attack, AttackContext, CertificateLevel, Problem, Progress, Solution } from "../problem.ts";
import { applicable } from "./applicable.ts";

export interface AutomaticOptions {
  /** Tried first, in this order, all that the diagnosis does not rule out, until one recovers everything. */
  readonly exact: readonly Attack[];
  /** Then the first of these that applies. */
  readonly search: readonly Attack[];
}

const rank: Readonly<Record<CertificateLevel, number>> = { none: 0, consistent: 1, "locally-unique": 2, exact: 3 };

/**
 * Diagnosis, closed forms, optimisation: looks at what can be known before attacking, runs every exact solver that this does not rule out, then a search if
 * none recovered the data, and says why.
 *
 * The solution with the highest certificate wins; between equals the search, whose prior chose among what fits the observation. Where the diagnosis proves
 * that the observation does not determine the data and nothing is certified, the verdict says so.
 */
export function automatic({ exact, search }: AutomaticOptions): Attack {
  return {
    name: "auto",
    options: { exact: exact.map((attack) => attack.name), search: search.map((attack) => attack.name) },
    cite: "a composition of the attacks it lists",
    needs: [],
    applies: (problem) => {
      const refusals = [...exact, ...search].map((attack) => ({ attack, answer: applicable(attack, problem) }));
      if (refusals.some(({ answer }) => answer === true)) return true;
      return {
        reason: refusals
          .map(({ attack, answer }) => `${attack.name}: ${answer === true ? "" : answer.reason}`)
          .join("; "),
      };
    },
    exact: () => exact,
    foresee: async (problem, context) => {
      const searching = search.find((attack) => applicable(attack, problem) === true);
      const asked = searching === undefined ? exact : [...exact, searching];
      const able = asked.filter((attack) => attack.foresee !== undefined && applicable(attack, problem) === true);
      const said: string[] = [];
      for (const attack of able) said.push(await attack.foresee!(problem, context));
      return said.join(" ");
    },
    run: (problem, context) => run(exact, search, problem, context),
  };
}

async function* run(
  exact: readonly Attack[],
  search: readonly Attack[],
  problem: Problem,
  context: AttackContext,
): AsyncGenerator<Progress | Solution, void> {
  // The spectrum decides nothing here, so its products are saved.
  const diagnosis = await diagnose(problem, {
    executor: context.executor,
    rng: context.rng.split("diagnosis"),
    solvers: exact,
    mostNumbers: 0,
  });
  const story = [diagnosis.summary];
  let best: Solution | undefined;
  let evaluations = 0;
  const finished = (solution: Solution, ending: readonly string[]): Solution => ({
    ...conceded(solution, diagnosis),
    evaluations,
    explanation: [...story, ...ending].join(" "),
  });
  for (const attack of exact) {
    const ruledOut = ruledOutBy(diagnosis, attack);
    if (ruledOut !== undefined) {
      story.push(`${attack.name} was not tried: ${ruledOut}.`);
      continue;
    }
    const solution = yield* runPart(attack, problem, remaining(context, evaluations));
    evaluations += solution.evaluations;
    if (best === undefined || rank[solution.certificate.level] > rank[best.certificate.level]) best = solution;
    if (solution.verdict === "recovered") {
      yield finished(solution, [`${attack.name} recovered the data: ${solution.reason}`]);
      return;
    }
    story.push(`${attack.name}: ${solution.reason}`);
    if (context.signal.aborted) break;
  }
  // After an abort there is still a solution to give; the parts end at once when they see it.
  const searching = context.signal.aborted && best !== undefined ? [] : search;
  for (const attack of searching) {
    const answer = applicable(attack, problem);
    if (answer !== true) {
      story.push(`${attack.name} was not tried: ${answer.reason}.`);
      continue;
    }
    const solution = yield* runPart(attack, problem, remaining(context, evaluations));
    evaluations += solution.evaluations;
    if (best === undefined || rank[solution.certificate.level] >= rank[best.certificate.level]) best = solution;
    const words = solution.verdict === "recovered" ? `${attack.name} recovered the data:` : `${attack.name}:`;
    story.push(`${words} ${solution.reason}`);
    break;
  }
  if (best === undefined) {
    // Nothing else can start: an exact solver that was ruled out says in its own terms what it sees.
    const last = exact.find((attack) => applicable(attack, problem) === true);
    if (last === undefined) return;
    best = yield* runPart(last, problem, context);
    evaluations += best.evaluations;
    story.push(`As nothing else could start, ${last.name} was: ${best.reason}`);
  }
  yield finished(best, []);
}

/** Why an exact solver is not worth starting, or undefined. */
function ruledOutBy(diagnosis: Diagnosis, attack: Attack): string | undefined {
  const outlook = diagnosis.solvers.find(({ solver }) => solver === attack.name);
  if (outlook?.applies === false) {
    const reason = outlook.reason ?? "it does not apply";
    return outlook.would === undefined ? reason : `${reason} (it would apply ${outlook.would})`;
  }
  if (undeterminedClause(diagnosis) === undefined) return undefined;
  return "no solution can be exact where the observation does not determine the data";
}

/** The solution with the verdict that the diagnosis leaves, where nothing is certified. */
function conceded(solution: Solution, diagnosis: Diagnosis): Solution {
  const undetermined = undeterminedClause(diagnosis);
  if (undetermined === undefined || rank[solution.certificate.level] > rank.consistent) return solution;
  const reason = `The observation does not determine the data: ${undetermined}. ${solution.reason}`;
  return { ...solution, verdict: "not identifiable", reason };
}

/** What is left of the budget for the next part. */
function remaining(context: AttackContext, spent: number): AttackContext {
  return { ...context, budget: { ...context.budget, evaluations: Math.max(1, context.budget.evaluations - spent) } };
}

async function* runPart(attack: Attack, problem: Problem, context: AttackContext): AsyncGenerator<Progress, Solution> {
  for await (const event of attack.run(problem, { ...context, rng: context.rng.split(attack.name) })) {
    if (event.kind === "solution") return event;
    yield { ...event, message: event.message ?? attack.name };
  }
  throw new Error(`Attack ${attack.name} ended without a solution.`);
}
