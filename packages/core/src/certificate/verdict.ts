import type { CertificateLevel, Verdict } from "../problem.ts";

/** What is known at the end of a search; none of it needs the truth. */
export interface VerdictEvidence {
  /** Level of every sample, or of every part that is certified on its own. */
  readonly levels: readonly CertificateLevel[];
  /** What the parts are called in the reason, "sample" unless said. */
  readonly part?: string;
  /**
   * Set when the solution explains the observation as well as data can that obey it only approximately, and others might too: a clause that says how well. Nothing
   * is certified then.
   */
  readonly approximate?: string;
  /** Set when the diagnosis shows that the observation at its precision does not determine the unknown; a clause that says why. */
  readonly undetermined?: string;
  /** A clause that says how the search ended: evaluations, time limit, abort, stalled. */
  readonly ended: string;
}

const certified = (level: CertificateLevel): boolean => level === "exact" || level === "locally-unique";

/**
 * The verdict on an attack, decided without the truth, and its reason in a sentence.
 *
 * `recovered`: every part `exact` or `locally-unique`. `partial`: some are, or all fit the observation, exactly or as well as it can be fitted, and others might too. `not identifiable`: nothing is
 * certified and the diagnosis shows that nothing could be. `budget spent`: none of these when the search ended.
 */
export function verdictOf({ levels, part = "sample", approximate, undetermined, ended }: VerdictEvidence): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const sure = levels.flatMap((level, i) => (certified(level) ? [i] : []));
  if (levels.length > 0 && sure.length === levels.length) {
    const weakest = levels.every((level) => level === "exact") ? "exact" : "locally unique";
    const subject = levels.length === 1 ? `The ${part} is` : `All ${levels.length} ${part}s are`;
    return { verdict: "recovered", reason: `${subject} certified ${weakest}.` };
  }
  if (sure.length > 0) {
    const names = sure.map((i) => i + 1).join(", ");
    return {
      verdict: "partial",
      reason: `${sure.length} of ${levels.length} ${part}s are certified (number ${names}).`,
    };
  }
  if (undetermined !== undefined) {
    return { verdict: "not identifiable", reason: `The observation does not determine the data: ${undetermined}.` };
  }
  if (levels.includes("consistent")) {
    return { verdict: "partial", reason: "The solution explains the whole observation, but others might too." };
  }
  if (approximate !== undefined) {
    return {
      verdict: "partial",
      reason: `The solution explains the observation approximately, but others might too: ${approximate}.`,
    };
  }
  return { verdict: "budget spent", reason: `No solution explained the observation; the search ended: ${ended}.` };
}
