/** What an attack may claim of what it found: its evidence gathered for the certificate and the verdict, without the truth. */
import { count, norm } from "../arrays.ts";
import { type BatchEvidence, certify, type Evidence } from "../certificate/certify.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import { verdictOf } from "../certificate/verdict.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Problem, Solution } from "../problem.ts";

/** The claims of a solution. */
export type Conclusion = Pick<Solution, "certificate" | "verdict" | "reason">;

/** What an attack knows at its end. */
export interface Findings {
  readonly residual: number;
  /** Samples that the solution holds. */
  readonly samples: number;
  /** Where the batch size is not told: what the rank test established. */
  readonly rank?: Extract<BatchEvidence, { readonly kind: "rank" }>;
  readonly identity?: Evidence["identity"];
  readonly jacobian?: Evidence["jacobian"];
  /** Why the observation does not determine the unknown, a clause; absent where nothing shows that. */
  readonly undetermined?: string;
  /** A clause that says how it ended. */
  readonly ended: string;
}

/** Standard deviation of the noise that the attacker knows the channel added, an entry. */
export function knownNoise(problem: Problem): number {
  return composeDefences(problem.defences).channel?.noiseStd(problem.observation) ?? 0;
}

/** A reason as a clause of another sentence: without its full stop and capital. */
export function clause(reason: string): string {
  return reason.replace(/\.$/, "").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** Certificate, verdict and reason of what an attack found. */
export function conclude(problem: Problem, findings: Findings): Conclusion {
  const { residual, samples, rank, identity, jacobian, undetermined, ended } = findings;
  const noiseStd = knownNoise(problem);
  const tolerance = residualTolerance({
    precision: problem.observationPrecision,
    noiseStd,
    entries: count(problem.observation),
    norm: norm(problem.observation),
  });
  const told = problem.knowledge.batchSize;
  const batch: BatchEvidence = typeof told === "number" ? { kind: "given", size: told } : (rank ?? { kind: "unknown" });
  const proofs = { ...(identity && { identity }), ...(jacobian && { jacobian }) };
  const certificate = certify({ residual, tolerance, noiseStd, samples, batch, ...proofs });
  const levels = new Array(samples).fill(certificate.level);
  return { certificate, ...verdictOf({ levels, ended, ...(undetermined && { undetermined }) }) };
}
