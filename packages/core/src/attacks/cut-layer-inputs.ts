import type { NdArray } from "@recon/engine";
import { type AssembledInputs, assembledInputs, differentRows } from "../exact/cut-layer/assembled-inputs.ts";
import { type CutLayer, inputEquations } from "../exact/cut-layer/input-equations.ts";
import { searchInputs } from "../exact/cut-layer/input-search.ts";
import { inputSensitivity } from "../exact/cut-layer/input-sensitivity.ts";
import { haveOtherMultiples } from "../exact/cut-layer/other-multiples.ts";
import { eachRow } from "../exact/cut-layer/rows.ts";
import { type SpanCoordinates, spanCoordinates } from "../exact/cut-layer/span-coordinates.ts";
import { type RowSpan, rowSpan } from "../exact/tensor/row-span.ts";
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
import { type TargetCandidates, targetCandidates } from "./target-candidates.ts";

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

/** A cut layer in the span of its samples' inputs, and what is searched there. */
interface SpannedCut {
  readonly span: RowSpan;
  readonly samples: number;
  readonly targets: TargetCandidates;
  readonly coordinates: SpanCoordinates;
  readonly layer: Omit<CutLayer, "target" | "neurons">;
  /** Neurons that a search is led by. */
  readonly chosen: Pick<CutLayer, "neurons">;
  readonly likely?: Matrix;
}

async function search(
  problem: Problem,
  cut: ObservedCut,
  tools: Tools,
  { likely, restarts = 12 }: CutLayerOptions,
): Promise<CutLayerInputs | NoInputs> {
  const spanned = await spannedCut(problem, cut, tools, likely);
  if ("verdict" in spanned) return spanned;
  const { span, samples, targets } = spanned;
  const assembled = await singleInputs(problem, spanned, tools);
  const candidates = assembled === undefined ? targets.targets : [assembled.target, ...targets.targets];
  let best: FoundInSpan | undefined;
  for (const [at, target] of candidates.entries()) {
    const first = at === 0 ? assembled?.inputs : undefined;
    const own = { ...tools, rng: tools.rng.split(`targets ${at}`) };
    const found = await fitTogether(problem, cut, spanned, { target, first, restarts }, own);
    if (found === undefined) break;
    if (best === undefined || found.found.residual < best.found.residual) best = found;
    if (found.found.settled) break;
  }
  if (best === undefined) return { verdict: "budget spent", reason: "the search was aborted" };
  const ambiguous =
    best.claim !== undefined &&
    !cut.biased &&
    (await haveOtherMultiples(spanned.layer, best.found.inputs, best.target, differentRows(allRows(targets.targets))));
  return conclusion(problem, cut, span, samples, { ...best, ambiguous }, targets.given);
}

/** The span, the samples and their possible targets; or why nothing can be found. */
async function spannedCut(
  problem: Problem,
  cut: ObservedCut,
  { product, rng }: Tools,
  likely: Matrix | undefined,
): Promise<SpannedCut | NoInputs> {
  const { observationPrecision: precision, knowledge } = problem;
  const closed = (reason: string): NoInputs => ({ verdict: "not identifiable", reason });
  const noiseStd = knownNoise(problem);
  const told = typeof knowledge.batchSize === "number" ? knowledge.batchSize : undefined;
  const found = await rowSpan(cut.gradient, { precision, noiseStd, product, rng, ...(told && { batchSize: told }) });
  if (found.value === undefined)
    return closed(`at this precision the gradient does not show the span of the samples: ${clause(found.reason)}`);
  const span = found.value;
  const samples = told ?? span.rank;
  if (span.rank > samples)
    return closed(`the gradient of ${samples} samples has rank ${span.rank}: it is not a sum over such samples`);
  const targets = targetCandidates(problem, samples);
  if ("reason" in targets) return closed(targets.reason);
  if (cut.weight.rows < samples)
    return closed(`${cut.weight.rows} outputs of the layer cannot tell ${samples} samples apart`);
  return {
    span,
    samples,
    targets,
    coordinates: spanCoordinates(span.basis, cut.biased),
    layer: {
      weights: await product(cut.weight, span.basis),
      gradient: await product(cut.gradient, span.basis),
      behind: cut.behind,
      head: cut.head,
      scale: knowledge.lossReduction === "sum" || problem.model.lossReduction === "sum" ? 1 : 1 / samples,
    },
    chosen: someNeurons(cut.weight.rows, samples, rng),
    ...(likely && { likely: multiply(cut.biased ? withOnes(likely) : likely, span.basis) }),
  };
}

/** Inputs that were found one by one, with their targets. */
async function singleInputs(
  { observationPrecision }: Problem,
  { samples, targets, coordinates, layer, chosen, likely }: SpannedCut,
  { rng, signal }: Tools,
): Promise<AssembledInputs | undefined> {
  const found = await assembledInputs({ ...layer, ...chosen }, samples, allRows(targets.targets), coordinates, {
    ...(likely && { likely }),
    tolerance: roughFit[observationPrecision],
    rng: rng.split("single inputs"),
    signal,
  });
  // Where nothing but one set of targets comes into question, as where they are told, another set explains the gradient in vain.
  const [only, ...others] = targets.targets;
  return others.length > 0 || (found && sortedRows(found.target) === sortedRows(only!)) ? found : undefined;
}

type FoundInSpan = Omit<FoundCutInputs, "ambiguous">;

/** All inputs fitted at once, and what may be claimed of them where the search settled. */
async function fitTogether(
  problem: Problem,
  cut: ObservedCut,
  { span, samples, coordinates, layer, chosen, likely }: SpannedCut,
  {
    target,
    first,
    restarts,
  }: { readonly target: NdArray; readonly first: Matrix | undefined; readonly restarts: number },
  { product, rng, signal }: Tools,
): Promise<FoundInSpan | undefined> {
  const { observationPrecision: precision } = problem;
  const noiseStd = knownNoise(problem);
  const equations = inputEquations({ ...layer, target });
  const some = chosen.neurons === undefined ? equations : inputEquations({ ...layer, target, ...chosen });
  const { basis } = span;
  let claim: CutClaim | undefined;
  const found = await searchInputs({ some, all: equations }, coordinates, {
    samples,
    first,
    ...(likely && { likely }),
    // Where the gradient does not show the whole span, a fit is found at once, as with equal samples, or not at all.
    restarts: span.rank < samples ? Math.min(2, restarts) : restarts,
    settles: async (inputs, residual) => {
      if (residual > roughFit[precision] && noiseStd === 0) return false;
      const { weight, biased } = cut;
      const point = { equations, coordinates, inputs, basis, weight, biased, rng, product };
      const sensitivity = await inputSensitivity(point);
      claim = claimOf(sensitivity, residual, noiseIn(cut, precision, noiseStd, sensitivity));
      return claim.byNoise > determined || claim.error <= determined;
    },
    product,
    rng,
    signal,
  });
  return found && { found, target, claim: found.settled ? claim : undefined };
}

function allRows(targets: readonly NdArray[]): NdArray {
  const data = Float64Array.from(targets.flatMap((target) => [...target.data]));
  return { shape: [targets.reduce((sum, { shape }) => sum + shape[0]!, 0), ...targets[0]!.shape.slice(1)], data };
}

/** Equal for targets that differ by the order of their rows alone. */
function sortedRows(targets: NdArray): string {
  return eachRow(targets)
    .map(({ data }) => data.join())
    .sort()
    .join("; ");
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
