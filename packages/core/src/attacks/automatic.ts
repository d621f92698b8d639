import type { Attack, AttackContext, CertificateLevel, Problem, Progress, Solution } from "../problem.ts";
import { applicable } from "./applicable.ts";

export interface AutomaticOptions {
  /** Tried first, in this order, all that apply, until one recovers everything. */
  readonly exact: readonly Attack[];
  /** Then the first of these that applies. */
  readonly search: readonly Attack[];
}

const rank: Readonly<Record<CertificateLevel, number>> = { none: 0, consistent: 1, "locally-unique": 2, exact: 3 };

/**
 * Closed forms before optimisation: runs every exact solver that applies, then a search if none recovered the data, and says why.
 *
 * The solution with the highest certificate wins; between equals the search, whose prior chose among what fits the observation.
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
    async *run(problem, context) {
      const story: string[] = [];
      let best: Solution | undefined;
      let evaluations = 0;
      for (const [kind, attacks] of [
        ["exact", exact],
        ["search", search],
      ] as const) {
        for (const attack of attacks) {
          const answer = applicable(attack, problem);
          if (answer !== true) {
            story.push(`${attack.name} was not tried: ${answer.reason}.`);
            continue;
          }
          const solution = yield* runPart(attack, problem, remaining(context, evaluations));
          evaluations += solution.evaluations;
          if (
            best === undefined ||
            rank[solution.certificate.level] > rank[best.certificate.level] ||
            (kind === "search" && rank[solution.certificate.level] === rank[best.certificate.level])
          ) {
            best = solution;
          }
          if (solution.verdict === "recovered") {
            yield {
              ...solution,
              evaluations,
              explanation: [...story, `${attack.name} recovered the data: ${solution.reason}`].join(" "),
            };
            return;
          }
          story.push(`${attack.name}: ${solution.reason}`);
          if (kind === "search" || context.signal.aborted) break;
        }
      }
      if (best !== undefined) yield { ...best, evaluations, explanation: story.join(" ") };
    },
  };
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
