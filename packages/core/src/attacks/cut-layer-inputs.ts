import type { NdArray } from "@recon/engine";
import { certify, type JacobianEvidence } from "../certificate/certify.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import { inputEquations } from "../exact/cut-layer/input-equations.ts";
import { type FoundInputs, searchInputs } from "../exact/cut-layer/input-search.ts";
import { type InputSensitivity, inputSensitivity } from "../exact/cut-layer/input-sensitivity.ts";
import { spanCoordinates } from "../exact/cut-layer/span-coordinates.ts";
import { unitRoundoff } from "../exact/result.ts";
import { type RowSpan, rowSpan } from "../exact/tensor/row-span.ts";
import { block, type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { executorProduct, type MatrixProduct, multiply } from "../linear-algebra/multiply.ts";
import { norm } from "../linear-algebra/vector.ts";
import type { AttackContext, Certificate, Flag, Problem, Verdict } from "../problem.ts";
import { clause, knownNoise } from "./conclude.ts";
import { type ObservedCut, observedCut } from "./cut-layer.ts";
import { keptEntries } from "./kept-entries.ts";
import { targetCandidates } from "./target-candidates.ts";

export interface CutLayerOptions {
  /** Name of the layer's weight. */
  readonly weight: string;
  /** Inputs of the layer for made-up data [S, F]: searches start among them. */
  readonly likely?: Matrix;
  /** Starts of the search, 12 unless said. */
  readonly restarts?: number;
}

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

/**
 * What entered a cut layer for every sample of a batch, from the gradients of that layer and of those behind it: the rank of [dW | db], the exact span of its
 * rows, Levenberg–Marquardt on the whole head in that span.
 *
 * @see Li, Liu & Lei, "Beyond Gradient and Priors in Privacy Attacks", arXiv 2312.05720, for the layer; the exact span and the search on the head are ours.
 */
export async function cutLayerInputs(
  problem: Problem,
  context: Pick<AttackContext, "executor" | "rng" | "signal">,
  options: CutLayerOptions,
): Promise<CutLayerInputs | NoInputs> {
  const closed = (reason: string): NoInputs => ({ verdict: "not identifiable", reason });
  if (problem.operator.observes === "difference")
    return closed("it reads one gradient, and several steps were sent as one difference");
  const lost = lostInChannel(problem);
  if (lost !== undefined) return closed(lost);
  const cut = observedCut(problem, options.weight, context.executor);
  if ("reason" in cut) return closed(cut.reason);
  const { product, dispose } = executorProduct(context.executor);
  try {
    return await search(problem, cut, { ...context, product }, options);
  } finally {
    await dispose();
    await cut.head.dispose();
  }
}

/** Why a channel leaves no sums over the batch to solve. */
function lostInChannel(problem: Problem): string | undefined {
  const kept = keptEntries(problem);
  if (kept === "all") return undefined;
  if (kept === "all but their scale")
    return "the channel scaled the gradient by a number that it does not show, and the errors of the samples with it";
  return "the channel left only part of the gradient's entries as they were, and its rows no longer lie in the span of the samples";
}

type Tools = Pick<AttackContext, "rng" | "signal"> & { readonly product: MatrixProduct };

async function search(
  problem: Problem,
  cut: ObservedCut,
  { product, rng, signal }: Tools,
  { likely, restarts = 12 }: CutLayerOptions,
): Promise<CutLayerInputs | NoInputs> {
  const { observationPrecision: precision, knowledge } = problem;
  const noiseStd = knownNoise(problem);
  const told = typeof knowledge.batchSize === "number" ? knowledge.batchSize : undefined;
  const spanned = await rowSpan(cut.gradient, { precision, noiseStd, product, rng, ...(told && { batchSize: told }) });
  if (spanned.value === undefined) {
    return {
      verdict: "not identifiable",
      reason: `at this precision the gradient does not show the span of the samples: ${clause(spanned.reason)}`,
    };
  }
  const span = spanned.value;
  const samples = told ?? span.rank;
  if (span.rank > samples)
    return {
      verdict: "not identifiable",
      reason: `the gradient of ${samples} samples has rank ${span.rank}: it is not a sum over such samples`,
    };
  const targets = targetCandidates(problem, samples);
  if ("reason" in targets) return { verdict: "not identifiable", reason: targets.reason };
  const coordinates = spanCoordinates(span.basis, cut.biased);
  const inSpan = {
    weights: await product(cut.weight, span.basis),
    gradient: await product(cut.gradient, span.basis),
    behind: cut.behind,
    head: cut.head,
    scale: knowledge.lossReduction === "sum" || problem.model.lossReduction === "sum" ? 1 : 1 / samples,
  };
  const start = likely && multiply(cut.biased ? withOnes(likely) : likely, span.basis);
  if (cut.weight.rows < samples) {
    return {
      verdict: "not identifiable",
      reason: `${cut.weight.rows} outputs of the layer cannot tell ${samples} samples apart`,
    };
  }
  const chosen = someNeurons(cut.weight.rows, samples, rng);
  let best: Candidate | undefined;
  for (const [at, target] of targets.targets.entries()) {
    const equations = inputEquations({ ...inSpan, target });
    let claim: Claim | undefined;
    const some = chosen.neurons === undefined ? equations : inputEquations({ ...inSpan, target, ...chosen });
    const found = await searchInputs({ some, all: equations }, coordinates, {
      samples,
      ...(start && { likely: start }),
      // Where the gradient does not show the whole span, a fit is found at once, as with equal samples, or not at all.
      restarts: span.rank < samples ? Math.min(2, restarts) : restarts,
      settles: async (inputs, residual) => {
        if (residual > roughFit[precision] && noiseStd === 0) return false;
        const sensitivity = await inputSensitivity({
          equations,
          coordinates,
          inputs,
          basis: span.basis,
          weight: cut.weight,
          biased: cut.biased,
          rng,
        });
        claim = claimOf(sensitivity, residual, noiseIn(cut, precision, noiseStd, sensitivity));
        return claim.byNoise > determined || claim.error <= determined;
      },
      product,
      rng: rng.split(`targets ${at}`),
      signal,
    });
    if (found === undefined) break;
    if (best === undefined || found.residual < best.found.residual)
      best = { found, target, claim: found.settled ? claim : undefined };
    if (found.settled) break;
  }
  if (best === undefined) return { verdict: "budget spent", reason: "the search was aborted" };
  return conclusion(problem, cut, span, samples, best, targets.given);
}

/** Neurons that a search looks at: with eight equations an unknown, and no fewer than 512, more of them only cost time. */
function someNeurons(neurons: number, samples: number, rng: Tools["rng"]): { readonly neurons?: readonly number[] } {
  const enough = Math.max(512, 8 * samples);
  if (neurons <= enough) return {};
  const order = rng.split("neurons").permutation(neurons).slice(0, enough);
  return { neurons: order.sort((a, b) => a - b) };
}

/** Residuals above which no claim is worth checking. */
const roughFit = { float32: 1e-3, float64: 1e-7 } as const;

interface Claim {
  readonly sensitivity: InputSensitivity;
  /** Error relative to the samples' spread that noise or rounding alone allows, and that noise and residual do. */
  readonly byNoise: number;
  readonly error: number;
  readonly noise: number;
}

interface Candidate {
  readonly found: FoundInputs;
  readonly target: NdArray;
  readonly claim: Claim | undefined;
}

function claimOf(sensitivity: InputSensitivity, residual: number, noise: number): Claim {
  const { gain, spread } = sensitivity;
  return { sensitivity, noise, byNoise: (noise * gain) / spread, error: (Math.max(noise, residual) * gain) / spread };
}

/** Norm of rounding or noise, every sum of the gradients in units of its own norm. */
function noiseIn(
  cut: ObservedCut,
  precision: "float32" | "float64",
  noiseStd: number,
  { cancellation }: InputSensitivity,
): number {
  if (noiseStd === 0) return unitRoundoff[precision] * cancellation;
  const parts = [cut.gradient.data, ...cut.behind.flatMap((one) => [one.gradient?.data, one.biasGradient])];
  return norm(parts.flatMap((part) => (part === undefined ? [] : [(noiseStd * Math.sqrt(part.length)) / norm(part)])));
}

function conclusion(
  problem: Problem,
  cut: ObservedCut,
  span: RowSpan,
  samples: number,
  { found, target, claim }: Candidate,
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
  const jacobian: JacobianEvidence | undefined = claim && {
    rank: Number.isFinite(claim.sensitivity.gain) ? samples * width : samples * width - 1,
    unknowns: samples * width,
    smallestSingularValue: 1 / claim.sensitivity.gain,
    residualNorm: found.residual,
    noiseNorm: claim.noise,
    rms: claim.sensitivity.spread,
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

function withOnes(rows: Matrix): Matrix {
  const result = matrix(rows.rows, rows.cols + 1);
  for (let i = 0; i < rows.rows; i++) {
    result.data.set(rows.data.subarray(i * rows.cols, (i + 1) * rows.cols), i * result.cols);
    result.data[(i + 1) * result.cols - 1] = 1;
  }
  return result;
}
