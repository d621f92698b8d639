import type { Certificate } from "../problem.ts";
import type { RankBound } from "./rank-bound.ts";

/** How the number of samples is known: given to the attacker, or from the rank of [dW | db]. */
export type BatchEvidence =
  | { readonly kind: "given"; readonly size: number }
  | {
      readonly kind: "rank";
      /** Numerical rank of [dW | db] (never of dW alone). */
      readonly rank: number;
      readonly bound: RankBound;
      /** Largest number of recovered samples that share an activation pattern; all of them unless counted. */
      readonly samplesInOnePattern?: number;
    }
  | { readonly kind: "unknown" };

/** The Jacobian of the observation in all unknowns at the solution. */
export interface JacobianEvidence {
  readonly rank: number;
  /** Number of unknowns less the dimension of the symmetry directions. */
  readonly unknowns: number;
  readonly smallestSingularValue: number;
  /** ‖F(x̂) − y‖, absolute. */
  readonly residualNorm: number;
  /** Norm of the rounding of y, or of its noise. */
  readonly noiseNorm: number;
  /** Root mean square of the unknown. */
  readonly rms: number;
}

/** Everything a certificate may rest on. None of it needs the truth. */
export interface Evidence {
  /** ‖F(x̂) − y‖ / ‖y‖ on the whole observation, every tensor of it. */
  readonly residual: number;
  /** From `residualTolerance`. */
  readonly tolerance: number;
  /** Standard deviation of the noise on an entry; an identity is exact only without. */
  readonly noiseStd: number;
  /** Number of samples that the solution holds. */
  readonly samples: number;
  readonly batch: BatchEvidence;
  /** An algebraic identity that gives this many samples up to the stated symmetry, all its conditions checked. */
  readonly identity?: {
    readonly name: string;
    /** What it leaves open, such as the order of the samples; absent where nothing. */
    readonly symmetry?: string;
  };
  readonly jacobian?: JacobianEvidence;
}

const largestImpliedError = 1e-3;

/**
 * The highest level of certainty that the evidence supports.
 *
 * - `consistent`: the residual on the whole observation is within its tolerance.
 * - `locally-unique`: consistent; the number of samples is known; the Jacobian has full column rank modulo symmetry; and the error it implies,
 *   max(residual, noise) / σ_min, is at most 1e-3 of the unknown's rms.
 * - `exact`: consistent without noise; an algebraic identity gives the solution; and the number of samples is known.
 *
 * The number of samples is known when it is given, or when the rank of [dW | db] equals it and is strictly below the rank that the errors could have
 * had; where the net is piecewise linear behind the layer, there must also be fewer samples in every activation pattern than that pattern's errors have
 * dimensions. At saturation a mixture of several samples explains everything that one sample does.
 */
export function certify(evidence: Evidence): Certificate {
  const { residual, tolerance, noiseStd, identity, jacobian } = evidence;
  const fit = `Residual ${residual.toExponential(1)} on the whole observation, tolerance ${tolerance.toExponential(1)}`;
  if (!(residual <= tolerance)) return { level: "none", reason: `${fit}: the solution does not explain it.` };
  const consistent = (why: string): Certificate => ({ level: "consistent", reason: `${fit}; ${why}.` });
  if (identity === undefined && jacobian === undefined) {
    return consistent("nothing shows that no other solution explains it too");
  }
  const doubt = batchDoubt(evidence.batch, evidence.samples);
  if (doubt !== undefined) return consistent(doubt);
  if (identity !== undefined && !(noiseStd > 0)) {
    const open = identity.symmetry === undefined ? "leaves no other solution" : `leaves only ${identity.symmetry} open`;
    return { level: "exact", reason: `${fit}; ${identity.name} ${open}.` };
  }
  if (jacobian === undefined) return consistent(`under noise ${identity!.name} holds only as far as the noise allows`);
  if (!(jacobian.rank >= jacobian.unknowns)) {
    return consistent(`the Jacobian has rank ${jacobian.rank} for ${jacobian.unknowns} unknowns`);
  }
  const error = impliedError(jacobian);
  const relative = `an implied error of ${error.toExponential(1)}, ${(error / jacobian.rms).toExponential(1)} of the unknown's size`;
  if (!(error <= largestImpliedError * jacobian.rms)) return consistent(`its Jacobian leaves ${relative}`);
  return { level: "locally-unique", reason: `${fit}; the Jacobian has full rank and leaves ${relative}.` };
}

/** The error that residual and noise may hide: max(‖F(x̂) − y‖, ‖noise‖) / σ_min. A solution farther off than ten times this refutes its certificate. */
export function impliedError({ residualNorm, noiseNorm, smallestSingularValue }: JacobianEvidence): number {
  return Math.max(residualNorm, noiseNorm) / smallestSingularValue;
}

/** Why the number of samples is not established, or undefined when it is. */
function batchDoubt(batch: BatchEvidence, samples: number): string | undefined {
  const mixture = "a mixture of several samples is not excluded";
  if (batch.kind === "unknown") return `the batch size is neither known nor established, so ${mixture}`;
  if (batch.kind === "given") {
    return batch.size === samples ? undefined : `it holds ${samples} of the ${batch.size} samples`;
  }
  const { rank, bound, samplesInOnePattern = samples } = batch;
  if (rank !== samples) return `it holds ${samples} samples and the gradient has rank ${rank}`;
  if (rank >= bound.total) return `the rank of [dW | db], ${rank}, is as high as it could be, so ${mixture}`;
  if (bound.perPattern !== undefined && samplesInOnePattern >= bound.perPattern) {
    return `${samplesInOnePattern} sample${samplesInOnePattern === 1 ? "" : "s"} of one activation pattern, whose errors span at most ${bound.perPattern} dimension${bound.perPattern === 1 ? "" : "s"}, so ${mixture}`;
  }
  return undefined;
}
