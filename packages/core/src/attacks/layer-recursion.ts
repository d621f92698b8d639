import type { NdArray } from "@recon/engine";
import { count, norm } from "../arrays.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import { fromLayers, type LayerChain } from "../exact/recursion/from-layers.ts";
import { inverseActivation } from "../exact/recursion/inverse-activation.ts";
import { type RecursionValue, recursion } from "../exact/recursion/recursion.ts";
import type { ExactResult } from "../exact/result.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, knownNoise } from "./conclude.ts";
import { traceModel } from "./model-layers.ts";
import { type RecursionStart, recursionStarts } from "./recursion-heads.ts";
import { type SettledTarget, settledTarget } from "./settled-target.ts";

/** Noise this large, relative to the observation, is amplified by the recursion past any use. */
const mostRelativeNoise = 1e-2;
/** Of what two starts lead to, in the size of the input: closer than this they count as one. */
const alike = 1e-3;

/**
 * One sample out of a chain of linear and convolution layers, solved layer by layer from the head to the input.
 *
 * @see Zhu & Blaschko, R-GAP: Recursive Gradient Attack on Privacy, ICLR 2021; the row weighting is ours.
 */
export function layerRecursion(): Attack {
  return {
    name: "recursion",
    options: {},
    cite: "Zhu & Blaschko, R-GAP: Recursive Gradient Attack on Privacy, ICLR 2021",
    needs: ["architecture", "weights", "lossKind", "batchSize"],
    applies,
    run,
  };
}

function chainOf(problem: Problem): LayerChain {
  const { options } = problem.operator;
  // In train mode batch normalisation takes the sample's own statistics, and the chain says so.
  const evaluates = options !== null && typeof options === "object" && "mode" in options && options.mode === "eval";
  const traced = traceModel(problem.model, evaluates ? "eval" : "train");
  return fromLayers({ ...traced, params: problem.params, gradient: problem.observation });
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
  const starts = recursionStarts(problem, chain.layers);
  return "reason" in starts ? starts : true;
}

function relativeNoise(problem: Problem): number {
  return (knownNoise(problem) * Math.sqrt(count(problem.observation))) / norm(problem.observation);
}

/** What one start led to. */
interface Attempt extends SettledTarget {
  readonly found: ExactResult<RecursionValue>;
  readonly input: NdArray;
}

async function* run(problem: Problem, context: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const chain = chainOf(problem);
  const begun = "layers" in chain ? recursionStarts(problem, chain.layers) : chain;
  const { starts, given } = "starts" in begun ? begun : { starts: [], given: [] };
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
  const shape = [1, ...problem.model.input.shape];
  const nothing: Attempt = {
    found: { residual: Number.NaN, assumptions: [], reason: "reason" in begun ? begun.reason : "" },
    input: { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) },
    target: { shape: [1, ...problem.model.target.shape], data: new Float64Array() },
    residual: Number.NaN,
  };
  const best = attempts[0] ?? nothing;
  const { found, input, target, residual, residualAsSent = residual } = best;
  const determined = found.value?.layers.every((layer) => layer.rankIndex === 1) ?? false;
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
    given: [...new Set(["architecture", "weights", "lossKind", "batchSize", ...given])],
    evaluations: Math.max(1, attempts.length),
    trace: [],
    ...conclude(problem, {
      residual: residualAsSent,
      samples: 1,
      ...(determined &&
        rival === undefined && { identity: { name: `the recursion${asSent} each layer of which has full rank,` } }),
      ...(found.value === undefined && { undetermined: clause(found.reason) }),
      ended: rival === undefined ? clause(found.reason) : "another start of the recursion explains the observation too",
    }),
  };
}

async function attempt(
  problem: Problem,
  { layers, targets }: RecursionStart,
  product: MatrixProduct,
  { executor, signal }: AttackContext,
): Promise<Attempt> {
  const found = await recursion(layers, { product, signal });
  const shape = [1, ...problem.model.input.shape];
  const input = {
    shape,
    data: found.value?.input.data ?? new Float64Array(shape.reduce((n, extent) => n * extent, 1)),
  };
  return {
    found,
    input,
    ...(await settledTarget(problem, executor, input, targets, toleranceOf(problem))),
  };
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
