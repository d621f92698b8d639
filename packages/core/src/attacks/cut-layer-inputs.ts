import type { NdArray } from "@recon/engine";
import { assembledInputs, differentRows } from "../exact/cut-layer/assembled-inputs.ts";
import { inputEquations } from "../exact/cut-layer/input-equations.ts";
import { searchInputs } from "../exact/cut-layer/input-search.ts";
import { inputSensitivity } from "../exact/cut-layer/input-sensitivity.ts";
import { haveOtherMultiples } from "../exact/cut-layer/other-multiples.ts";
import { spanCoordinates } from "../exact/cut-layer/span-coordinates.ts";
import { rowSpan } from "../exact/tensor/row-span.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { executorProduct, type MatrixProduct, multiply } from "../linear-algebra/multiply.ts";
import type { AttackContext, Problem } from "../problem.ts";
import { clause, knownNoise } from "./conclude.ts";
import { type ObservedCut, observedCut } from "./cut-layer.ts";
import {
  type CutClaim,
  type CutLayerInputs,
  claimOf,
  conclusion,
  determined,
  type FoundCutInputs,
  type NoInputs,
  noiseIn,
} from "./cut-layer-claims.ts";
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

/**
 * What entered a cut layer for every sample of a batch, from the gradients of that layer and of those behind it: the rank of [dW | db], the exact span of its
 * rows, every input by itself with its target, then Levenberg–Marquardt on the whole head in that span, from these or, where they are not all found, from drawn starts.
 *
 * @see Li, Liu & Lei, "Beyond Gradient and Priors in Privacy Attacks", arXiv 2312.05720, for the layer; the exact span and the searches in it are ours.
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
  let best: Omit<FoundCutInputs, "ambiguous"> | undefined;
  const single = await assembledInputs({ ...inSpan, ...chosen }, samples, allRows(targets.targets), coordinates, {
    ...(start && { likely: start }),
    tolerance: roughFit[precision],
    rng: rng.split("single inputs"),
    signal,
  });
  // Where nothing but one set of targets comes into question, as where they are told, another set explains the gradient in vain.
  const [only, ...otherTargets] = targets.targets;
  const assembled =
    otherTargets.length > 0 || (single && sortedRows(single.target) === sortedRows(only!)) ? single : undefined;
  const candidates = assembled === undefined ? targets.targets : [assembled.target, ...targets.targets];
  for (const [at, target] of candidates.entries()) {
    const equations = inputEquations({ ...inSpan, target });
    let claim: CutClaim | undefined;
    const some = chosen.neurons === undefined ? equations : inputEquations({ ...inSpan, target, ...chosen });
    const found = await searchInputs({ some, all: equations }, coordinates, {
      samples,
      ...(at === 0 && assembled && { first: assembled.inputs }),
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
          product,
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
  const ambiguous =
    best.claim !== undefined &&
    !cut.biased &&
    (await haveOtherMultiples(inSpan, best.found.inputs, best.target, differentRows(allRows(targets.targets))));
  return conclusion(problem, cut, span, samples, { ...best, ambiguous }, targets.given);
}

function allRows(targets: readonly NdArray[]): NdArray {
  const data = Float64Array.from(targets.flatMap((target) => [...target.data]));
  return { shape: [targets.reduce((sum, { shape }) => sum + shape[0]!, 0), ...targets[0]!.shape.slice(1)], data };
}

/** Equal for targets that differ by the order of their rows alone. */
function sortedRows({ shape, data }: NdArray): string {
  const size = data.length / shape[0]!;
  const rows = Array.from({ length: shape[0]! }, (_, i) => Array.from(data.slice(i * size, (i + 1) * size)).join());
  return rows.sort().join("; ");
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

function withOnes(rows: Matrix): Matrix {
  const result = matrix(rows.rows, rows.cols + 1);
  for (let i = 0; i < rows.rows; i++) {
    result.data.set(rows.data.subarray(i * rows.cols, (i + 1) * rows.cols), i * result.cols);
    result.data[(i + 1) * result.cols - 1] = 1;
  }
  return result;
}
