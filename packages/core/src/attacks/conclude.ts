/** What an attack may claim of what it found, decided without the truth. */
import { count, norm } from "../arrays.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Problem, Solution } from "../problem.ts";

type Conclusion = Pick<Solution, "certificate" | "verdict" | "reason">;

/**
 * Largest relative residual at which a candidate explains the whole observation: rounding (1e-4 in float32, 1e-10 in float64),
 * or the 99 % quantile of the noise, σ √(n + 2.33 √(2n)) / ‖y‖, where its size is known.
 */
export function consistencyTolerance(problem: Problem): number {
  const rounding = problem.observationPrecision === "float32" ? 1e-4 : 1e-10;
  const std = composeDefences(problem.defences).channel?.noiseStd(problem.observation) ?? 0;
  const n = count(problem.observation);
  return Math.max(rounding, (std * Math.sqrt(n + 2.33 * Math.sqrt(2 * n))) / norm(problem.observation));
}

/** For a search: a candidate that explains the observation is consistent, and no more is claimed of it. */
export function concludeSearch(problem: Problem, residual: number, outcome: string): Conclusion {
  const tolerance = consistencyTolerance(problem);
  const fits = `Residual ${residual.toExponential(1)}, tolerance ${tolerance.toExponential(1)}.`;
  if (residual <= tolerance) {
    return {
      certificate: { level: "consistent", reason: fits },
      verdict: "partial",
      reason: `It explains the whole observation, but others may too. ${outcome}`,
    };
  }
  return {
    certificate: { level: "none", reason: fits },
    verdict: "budget spent",
    reason: `It does not explain the observation. ${outcome}`,
  };
}

export interface IdentityEvidence {
  readonly residual: number;
  /** The algebraic identity that gives the unknown. */
  readonly identity: string;
  /** Whether every step of the identity determined its unknown. */
  readonly determined: boolean;
  readonly reason: string;
  /** Numerical rank of the layer's gradient, and the rank it could have had. */
  readonly rank?: number | undefined;
  readonly rankBound?: number;
}

export function concludeIdentity(problem: Problem, evidence: IdentityEvidence): Conclusion {
  const tolerance = consistencyTolerance(problem);
  const { residual } = evidence;
  const fits = `Residual ${residual.toExponential(1)}, tolerance ${tolerance.toExponential(1)}.`;
  if (!(residual <= tolerance))
    return {
      certificate: { level: "none", reason: fits },
      verdict: "budget spent",
      reason: `${evidence.reason} It does not explain the observation.`,
    };
  const batchKnown = problem.knowledge.batchSize === 1 || (evidence.rank === 1 && (evidence.rankBound ?? 1) > 1);
  if (!evidence.determined || !batchKnown)
    return { certificate: { level: "consistent", reason: fits }, verdict: "partial", reason: evidence.reason };
  return {
    certificate: { level: "exact", reason: `${evidence.identity}. ${fits}` },
    verdict: "recovered",
    reason: evidence.reason,
  };
}
