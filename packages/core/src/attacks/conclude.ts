/** What an attack may claim of what it found: its evidence gathered for the certificate and the verdict, without the truth. */
import { count, norm } from "../arrays.ts";
import { type BatchEvidence, certify, type Evidence } from "../certificate/certify.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import { verdictOf } from "../certificate/verdict.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Problem, Solution } from "../problem.ts";
import { keptEntries } from "./kept-entries.ts";

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
  /**
   * Which entries identity and Jacobian take as they were before the channel: all of them unless said; all of them up to one factor, as ratios of entries do; or
   * those alone that the channel keeps.
   */
  readonly restsOn?: "every entry" | "ratios of entries" | "kept entries";
  /** Why the observation does not determine the unknown, a clause; absent where nothing shows that. */
  readonly undetermined?: string;
  /** How well an observation is explained that data obey only approximately, a clause; absent where it should be explained in full. */
  readonly approximate?: string;
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

/** Whether evidence may rest on these entries: a channel that clips or rounds maps many observations to one, and explains wrong data too. */
function holds(restsOn: NonNullable<Findings["restsOn"]>, problem: Problem): boolean {
  if (restsOn === "kept entries") return true;
  const kept = keptEntries(problem);
  return kept === "all" || (kept === "all but their scale" && restsOn === "ratios of entries");
}

/** Certificate, verdict and reason of what an attack found. */
export function conclude(problem: Problem, findings: Findings): Conclusion {
  const { residual, samples, rank, approximate, undetermined, ended, restsOn = "every entry" } = findings;
  const { identity, jacobian } = holds(restsOn, problem) ? findings : ({} as Pick<Findings, "identity" | "jacobian">);
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
  return {
    certificate,
    ...verdictOf({ levels, ended, ...(approximate && { approximate }), ...(undetermined && { undetermined }) }),
  };
}
