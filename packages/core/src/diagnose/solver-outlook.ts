import { applicable } from "../attacks/applicable.ts";
import type { Applicability, Attack, Problem } from "../problem.ts";
import { type Hypothesis, hypotheses } from "./hypotheses.ts";

/** Whether an exact solver can start, and what would have to be different. */
export interface SolverOutlook {
  readonly solver: string;
  readonly cite: string;
  readonly applies: boolean;
  /** Why it does not apply; absent where it does. */
  readonly reason?: string;
  /** The least changes that would make it apply, such as "with B = 1"; absent where none of those tried does. */
  readonly would?: string;
}

/**
 * Asks every solver whether it applies, and those that do not whether they would with more knowledge, a single sample, biases, no defence or more
 * digits: each change alone, then every two together. The answers are the solvers' own.
 *
 * @param samples the batch size that is assumed where none is told: what the ranks show.
 */
export function solverOutlook(problem: Problem, solvers: readonly Attack[], samples: number): readonly SolverOutlook[] {
  return solvers.map((solver) => {
    const { name, cite } = solver;
    const answer = ask(solver, problem, samples);
    if (answer === true) return { solver: name, cite, applies: true };
    const would = leastChange(solver, problem, samples);
    return { solver: name, cite, applies: false, reason: answer.reason, ...(would !== undefined && { would }) };
  });
}

function leastChange(solver: Attack, problem: Problem, samples: number): string | undefined {
  const tried = hypotheses(problem, solver.needs, samples);
  const works = (changes: readonly Hypothesis[]): boolean => {
    let changed: Problem | undefined = problem;
    for (const { change } of changes) changed = changed && change(changed);
    return changed !== undefined && ask(solver, changed, samples) === true;
  };
  const single = tried.find((one) => works([one]));
  if (single !== undefined) return single.words;
  for (const [i, one] of tried.entries()) {
    for (const other of tried.slice(i + 1)) if (works([one, other])) return `${one.words} and ${other.words}`;
  }
  return undefined;
}

/**
 * The solver's answer. Where the batch size is not told and the ranks show several samples, it must stand for that many too: a solver of one sample would
 * refuse itself after the same rank test.
 */
function ask(solver: Attack, problem: Problem, samples: number): Applicability {
  const answer = answerOf(solver, problem);
  if (answer !== true || problem.knowledge.batchSize !== undefined || samples < 2) return answer;
  const informed = answerOf(solver, { ...problem, knowledge: { ...problem.knowledge, batchSize: samples } });
  return informed === true
    ? true
    : { reason: `the ranks show ${samples} samples or more, and then ${informed.reason}` };
}

/** A hypothetical problem may hold what no real one does, so that an explained error counts as a no. */
function answerOf(solver: Attack, problem: Problem): Applicability {
  try {
    return applicable(solver, problem);
  } catch (error) {
    if (error instanceof Error && "code" in error) return { reason: error.message };
    throw error;
  }
}
