import { type NdArray, type Shape, sizeOf } from "@recon/engine";
import { count, norm } from "../arrays.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import { fromLayers, type LayerChain } from "../exact/recursion/from-layers.ts";
import { inverseActivation } from "../exact/recursion/inverse-activation.ts";
import { type RecursionLayer, type RecursionResult, recursion } from "../exact/recursion/recursion.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, knownNoise } from "./conclude.ts";
import { traceModel } from "./model-layers.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { type RecursionStart, recursionStarts } from "./recursion-heads.ts";
import { type SettledTarget, settledTarget } from "./settled-target.ts";

/** Noise this large, relative to the observation, is amplified by the recursion past any use. */
const mostRelativeNoise = 1e-2;
/** Estimated error over the size of what was solved for above which full rank on paper is none at the precision of the observation. */
const largestError = 1e-3;
/** Of what two starts lead to, in the size of the input: closer than this they count as one. */
const alike = 1e-3;

/**
 * One sample out of a chain of linear and convolution layers, solved layer by layer from the head to the input.
 *
 * @see Zhu & Blaschko, R-GAP: Recursive Gradient Attack on Privacy, ICLR 2021; the row weighting is ours.
 */
export function layerRecursion(): Attack {
  return takingOneGradient({
    name: "recursion",
    options: {},
    cite: "Zhu & Blaschko, R-GAP: Recursive Gradient Attack on Privacy, ICLR 2021",
    needs: ["architecture", "weights", "lossKind", "batchSize"],
    applies,
    run,
  });
}

function chainOf(problem: Problem): LayerChain {
  const { options } = problem.operator;
  // In train mode batch normalisation takes the sample's own statistics, and the chain says so.
  const evaluates = options !== null && typeof options === "object" && "mode" in options && options.mode === "eval";
  const traced = traceModel(problem.model, evaluates ? "eval" : "train");
  const masks = Object.keys(problem.observation).flatMap((name): [string, NdArray][] => {
    const mask = problem.knowledge[`mask ${name}`];
    return mask !== null && typeof mask === "object" && "data" in mask ? [[name, mask as NdArray]] : [];
  });
  return fromLayers({
    ...traced,
    params: problem.params,
    gradient: problem.observation,
    masks: Object.fromEntries(masks),
  });
}

function applies(problem: Problem): Applicability {
  const batch = problem.knowledge.batchSize;
  if (batch !== 1) return { reason: `it solves for one sample, and the batch holds ${batch}` };
  const chain = chainOf(problem);
  if ("reason" in chain) return { reason: chain.reason.replace(/\.$/, "") };
  const blocked = chain.layers.slice(0, -1).find((layer) => inverseActivation(layer.activation) === undefined);
  if (blocked !== undefined)
    return { reason: `the ${blocked.activation.name} after layer ${blocked.name} cannot be inverted` };
  const noise = relativeNoise(problem);
  if (noise > mostRelativeNoise) {
    return {
      reason: `noise of ${(100 * noise).toPrecision(2)} % of the gradient would be amplified from layer to layer`,
    };
  }
  // What entries that were removed leave open is a finding and no refusal.
  if (chain.layers.some(hasGaps)) return true;
  const starts = recursionStarts(problem, chain.layers);
  return "reason" in starts ? starts : true;
}

function hasGaps({ usable, biasUsable }: RecursionLayer): boolean {
  return usable !== undefined || biasUsable !== undefined;
}

function relativeNoise(problem: Problem): number {
  return (knownNoise(problem) * Math.sqrt(count(problem.observation))) / norm(problem.observation);
}

/** What one start led to. */
interface Attempt extends SettledTarget {
  readonly found: RecursionResult;
  readonly input: NdArray;
}

async function* run(problem: Problem, context: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const chain = chainOf(problem);
  const begun = "layers" in chain ? recursionStarts(problem, chain.layers) : chain;
  const { starts, given } = "starts" in begun ? begun : { starts: [], given: [] };
  const masked = "layers" in chain && chain.layers.some(hasGaps) && problem.knowledge.mask !== undefined;
  const { product, dispose } = executorProduct(context.executor);
  const attempts: Attempt[] = [];
  try {
    for (const [i, start] of starts.entries()) {
      const fraction = i / starts.length;
      yield { kind: "progress", evaluations: i, fraction, objective: Number.NaN, message: "recursion" };
      attempts.push(await attempt(problem, start, product, context));
    }
  } finally {
    await dispose();
  }
  attempts.sort((a, b) => a.residual - b.residual);
  const nothing: Attempt = {
    found: { residual: Number.NaN, assumptions: [], reason: "reason" in begun ? begun.reason : "" },
    input: zeros(problem.model.input.shape),
    target: zeros(problem.model.target.shape),
    residual: Number.NaN,
  };
  const best = attempts[0] ?? nothing;
  const { found, input, target, residual, residualAsSent = residual } = best;
  const full = found.value?.layers.every((layer) => layer.rankIndex === 1) ?? false;
  const determined = full && found.value!.relativeError <= largestError;
  const explained = attempts.filter((other) => other.residual <= toleranceOf(problem));
  const rival = explained.find((other) => !isAlike(other.input, input));
  const asSent =
    residualAsSent < residual
      ? ` from the head's bias gradient as it was sent (off by roundings of 1, which leave a residual of ${residual.toExponential(1)}),`
      : ",";
  yield {
    kind: "solution",
    value: { input, target },
    residual,
    given: [...new Set(["architecture", "weights", "lossKind", "batchSize", ...given, ...(masked ? ["mask"] : [])])],
    evaluations: Math.max(1, attempts.length),
    trace: [],
    ...conclude(problem, {
      residual: residualAsSent,
      samples: 1,
      ...(masked && { restsOn: "kept entries" }),
      ...(determined &&
        rival === undefined && { identity: { name: `the recursion${asSent} each layer of which has full rank,` } }),
      ...undetermined(problem, found),
      ended: rival === undefined ? clause(found.reason) : "another start of the recursion explains the observation too",
    }),
  };
}

/** Why no attack could do better, where that is shown. */
function undetermined({ observation, model }: Problem, found: RecursionResult): { readonly undetermined?: string } {
  if (found.value !== undefined) return {};
  const unknowns = sizeOf(model.input.shape);
  const entries = Object.values(observation).reduce((n, { data }) => n + data.filter((value) => value !== 0).length, 0);
  if (entries < unknowns) return { undetermined: `it holds ${entries} numbers other than 0 for ${unknowns} unknowns` };
  return found.open ? { undetermined: clause(found.reason) } : {};
}

async function attempt(
  problem: Problem,
  { layers, targets }: RecursionStart,
  product: MatrixProduct,
  { executor, signal }: AttackContext,
): Promise<Attempt> {
  const found = await recursion(layers, { product, signal });
  const blank = zeros(problem.model.input.shape);
  const input = { shape: blank.shape, data: found.value?.input.data ?? blank.data };
  return {
    found,
    input,
    ...(await settledTarget(problem, executor, input, targets, toleranceOf(problem))),
  };
}

/** One sample of zeros. */
function zeros(shape: Shape): NdArray {
  return { shape: [1, ...shape], data: new Float64Array(sizeOf(shape)) };
}

function toleranceOf(problem: Problem): number {
  return residualTolerance({
    precision: problem.observationPrecision,
    noiseStd: knownNoise(problem),
    entries: count(problem.observation),
    norm: norm(problem.observation),
  });
}

function isAlike(a: NdArray, b: NdArray): boolean {
  let [difference, size] = [0, 0];
  b.data.forEach((value, i) => {
    difference += (a.data[i]! - value) ** 2;
    size += value ** 2;
  });
  return difference <= alike ** 2 * size;
}
