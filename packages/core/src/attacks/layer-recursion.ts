import { count, norm } from "../arrays.ts";
import { fromLayers, type LayerChain } from "../exact/recursion/from-layers.ts";
import { inverseActivation } from "../exact/recursion/inverse-activation.ts";
import { recursion } from "../exact/recursion/recursion.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, knownNoise } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { traceModel } from "./model-layers.ts";
import { recoveredTargets } from "./targets.ts";

/** Noise this large, relative to the observation, is amplified by the recursion past any use. */
const mostRelativeNoise = 1e-2;

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
  return fromLayers({ ...traceModel(problem.model), params: problem.params, gradient: problem.observation });
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
  const targets = recoveredTargets(problem, 1);
  return "reason" in targets ? targets : true;
}

function relativeNoise(problem: Problem): number {
  return (knownNoise(problem) * Math.sqrt(count(problem.observation))) / norm(problem.observation);
}

async function* run(problem: Problem, { executor, signal }: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const chain = chainOf(problem);
  const targets = recoveredTargets(problem, 1);
  const layers = "layers" in chain ? chain.layers : [];
  const { product, dispose } = executorProduct(executor);
  try {
    yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "recursion" };
    const found = await recursion(layers, { product, signal });
    const determined = found.value?.layers.every((layer) => layer.rankIndex === 1) ?? false;
    const shape = [1, ...problem.model.input.shape];
    const input = {
      shape,
      data: found.value?.input.data ?? new Float64Array(shape.reduce((n, extent) => n * extent, 1)),
    };
    const target =
      "value" in targets ? targets.value : { shape: [1, ...problem.model.target.shape], data: new Float64Array() };
    const { residual } = await fitOf(problem, executor, { input, target });
    yield {
      kind: "solution",
      value: { input, target },
      residual,
      given: ["architecture", "weights", "lossKind", "batchSize", ...("given" in targets ? targets.given : [])],
      evaluations: 1,
      trace: [],
      ...conclude(problem, {
        residual,
        samples: 1,
        ...(determined && {
          identity: { name: "the recursion, each layer of which has full rank," },
        }),
        ...(found.value === undefined && { undetermined: clause(found.reason) }),
        ended: clause(found.reason),
      }),
    };
  } finally {
    await dispose();
  }
}
