import type { NdArray } from "@recon/engine";
import { certify, type JacobianEvidence } from "../certificate/certify.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import type { FoundInputs } from "../exact/cut-layer/input-search.ts";
import type { InputSensitivity } from "../exact/cut-layer/input-sensitivity.ts";
import { unitRoundoff } from "../exact/result.ts";
import type { RowSpan } from "../exact/tensor/row-span.ts";
import { block, type Matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { norm } from "../linear-algebra/vector.ts";
import type { Certificate, Flag, Problem, Verdict } from "../problem.ts";
import { clause, knownNoise } from "./conclude.ts";
import type { ObservedCut } from "./cut-layer.ts";

/** Inputs of a cut layer, and what may be claimed of them. The certificate speaks of the gradients of the layer and of those behind it. */
export interface CutLayerInputs {
  /** One row a sample [B, F]. */
  readonly values: Matrix;
  /** The target of every row. */
  readonly target: NdArray;
  /** Relative misfit of these gradients. */
  readonly residual: number;
  readonly certificate: Certificate;
  readonly verdict: Verdict;
  readonly reason: string;
  /** Relative error that rounding or noise may have caused, of what tells the samples apart. */
  readonly impliedError: number;
  readonly given: readonly Flag[];
}

/** Why nothing was found; `verdict` says whether anything could have been. */
export interface NoInputs {
  readonly reason: string;
  readonly verdict: Extract<Verdict, "not identifiable" | "budget spent">;
}

/** Largest error, relative to what tells the samples apart, of inputs that count as determined. */
export const determined = 1e-3;

/** How far rounding, noise and residual may have moved the inputs. */
export interface CutClaim {
  readonly sensitivity: InputSensitivity;
  /** Error relative to the samples' spread that noise or rounding alone allows, and that noise and residual do. */
  readonly byNoise: number;
  readonly error: number;
  readonly noise: number;
}

/** Where a search ended; with a claim where it settled. */
export interface FoundCutInputs {
  readonly found: FoundInputs;
  readonly target: NdArray;
  readonly claim: CutClaim | undefined;
  /** Whether another multiple of an input explains its part as well. */
  readonly ambiguous: boolean;
}

export function claimOf(sensitivity: InputSensitivity, residual: number, noise: number): CutClaim {
  const { gain, spread } = sensitivity;
  return { sensitivity, noise, byNoise: (noise * gain) / spread, error: (Math.max(noise, residual) * gain) / spread };
}

/** Norm of rounding or noise, every sum of the gradients in units of its own norm. */
export function noiseIn(
  cut: ObservedCut,
  precision: "float32" | "float64",
  noiseStd: number,
  { cancellation }: InputSensitivity,
): number {
  if (noiseStd === 0) return unitRoundoff[precision] * cancellation;
  const parts = [cut.gradient.data, ...cut.behind.flatMap((one) => [one.gradient?.data, one.biasGradient])];
  return norm(parts.flatMap((part) => (part === undefined ? [] : [(noiseStd * Math.sqrt(part.length)) / norm(part)])));
}

/** What may be claimed of the best point of a search. */
export function conclusion(
  problem: Problem,
  cut: ObservedCut,
  span: RowSpan,
  samples: number,
  { found, target, claim, ambiguous }: FoundCutInputs,
  targetFlags: readonly Flag[],
): CutLayerInputs | NoInputs {
  const { knowledge, observationPrecision: precision } = problem;
  const width = cut.weight.cols - (cut.biased ? 1 : 0);
  const noiseStd = knownNoise(problem);
  const values = block(multiply(found.inputs, span.basis, { transposeB: true }), 0, 0, samples, width);
  const parts = [cut.gradient.data, ...cut.behind.flatMap((one) => [one.gradient?.data, one.biasGradient])].filter(
    (part) => part !== undefined,
  );
  const tolerance = residualTolerance({
    precision,
    noiseStd,
    entries: parts.reduce((sum, part) => sum + part.length, 0),
    norm: norm(parts.map((part) => norm(part))),
  });
  // A sample that leaves no dimension of its own can be anywhere outside of the span too: nothing in it is evidence of that one.
  const shown = span.rank === samples && !ambiguous ? claim : undefined;
  const jacobian: JacobianEvidence | undefined = shown && {
    rank: Number.isFinite(shown.sensitivity.gain) ? samples * width : samples * width - 1,
    unknowns: samples * width,
    smallestSingularValue: 1 / shown.sensitivity.gain,
    residualNorm: found.residual,
    noiseNorm: shown.noise,
    rms: shown.sensitivity.spread,
  };
  const certificate = certify({
    residual: found.residual,
    tolerance,
    noiseStd,
    samples,
    batch: typeof knowledge.batchSize === "number" ? { kind: "given", size: knowledge.batchSize } : { kind: "unknown" },
    ...(jacobian && { jacobian }),
  });
  const impliedError = claim?.error ?? Number.POSITIVE_INFINITY;
  const given = [
    "architecture",
    "weights",
    "lossKind",
    "lossReduction",
    ...["batchSize", "activeServer"].filter((flag) => knowledge[flag] !== undefined),
    ...targetFlags,
  ];
  const common = { values, target, residual: found.residual, certificate, impliedError, given: [...new Set(given)] };
  if (certificate.level === "locally-unique") {
    return {
      ...common,
      verdict: "recovered",
      reason: `${samples} inputs in an exact span of ${span.rank} dimensions, found from ${found.starts} start${found.starts === 1 ? "" : "s"}: ${clause(certificate.reason)}.`,
    };
  }
  if (span.rank < samples) {
    return {
      ...common,
      verdict: "not identifiable",
      reason: `The gradient of ${samples} samples has rank ${span.rank}: some inputs repeat, depend on others, leave no error or are not told apart at this precision, and these are open.`,
    };
  }
  if (ambiguous) {
    return {
      ...common,
      verdict: "not identifiable",
      reason:
        "Not identifiable: another multiple of an input, with its own or another target, leaves the same gradients.",
    };
  }
  if (claim !== undefined && claim.byNoise > determined) {
    return {
      ...common,
      verdict: "not identifiable",
      reason: `Not identifiable at this precision: rounding or noise of ${claim.noise.toExponential(1)} may move the inputs by ${claim.byNoise.toExponential(1)} of what tells them apart.`,
    };
  }
  return {
    ...common,
    verdict: "budget spent",
    reason: `The search on the head ended at a residual of ${found.residual.toExponential(1)}: ${clause(certificate.reason)}.`,
  };
}
