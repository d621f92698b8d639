import { singleSample } from "../exact/linear-layer.ts";
import { maskedSample } from "../exact/masked-linear-layer.ts";
import { rankTest } from "../exact/rank.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import type { Matrix } from "../linear-algebra/matrix.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, knownNoise } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { firstLinearLayer } from "./model-layers.ts";
import { modelRankBound } from "./model-rank-bound.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { recoveredTargets } from "./targets.ts";

/**
 * One sample out of the first linear layer, by division: dW = δ xᵀ, db = δ, so x = dWᵀ db / |db|².
 *
 * Behind a mask that the attacker is told of, the surviving entries are completed to rank one instead, and coordinates without any are guessed blindly.
 * Whether it is one sample is known, or tested by the rank of [dW | db]; the layer is found in the graph, whatever its name.
 *
 * @see Phong et al., Privacy-Preserving Deep Learning via Additively Homomorphic Encryption, 2018, section 3.
 */
export function analytic(): Attack {
  return takingOneGradient({
    name: "analytic",
    options: {},
    cite: "Phong et al., IEEE Transactions on Information Forensics and Security 13, 2018",
    needs: ["architecture"],
    applies,
    run,
  });
}

function applies(problem: Problem): Applicability {
  const layer = firstLinearLayer(problem.model);
  if (layer === undefined) return { reason: "the data does not enter a linear layer first" };
  if (layer.bias === undefined)
    return { reason: `layer ${layer.weight} has no bias, so the scale of its input is open` };
  const batch = problem.knowledge.batchSize;
  if (batch !== undefined && batch !== 1)
    return { reason: `every row of ${layer.weight} mixes the ${batch} samples of the batch` };
  const targets = recoveredTargets(problem, 1);
  return "reason" in targets ? targets : true;
}

async function* run(problem: Problem, { executor }: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const layer = firstLinearLayer(problem.model)!;
  const weightGradient = weightMatrix(layer, problem.observation[layer.weight]!);
  const biasGradient = problem.observation[layer.bias!]!.data;
  const { product, dispose } = executorProduct(executor);
  try {
    const rank = await rankTest(weightGradient, biasGradient, {
      precision: problem.observationPrecision,
      noiseStd: knownNoise(problem),
      product,
    });
    yield { kind: "progress", evaluations: 0, fraction: 0.5, objective: Number.NaN, message: "analytic: rank test" };
    const masked = problem.knowledge[`mask ${layer.weight}`] !== undefined;
    const found: FoundInput = masked
      ? behindMask(problem, weightGradient, biasGradient)
      : singleSample(weightGradient, biasGradient);
    const open = found.open !== undefined;
    const targets = recoveredTargets(problem, 1);
    const input = {
      shape: [1, ...problem.model.input.shape],
      data: found.value ?? new Float64Array(weightGradient.cols),
    };
    const target =
      "value" in targets ? targets.value : { shape: [1, ...problem.model.target.shape], data: new Float64Array() };
    const { residual } = await fitOf(problem, executor, { input, target });
    yield {
      kind: "solution",
      value: { input, target },
      residual,
      given: [
        "architecture",
        ...(problem.knowledge.batchSize === undefined ? [] : ["batchSize"]),
        ...("given" in targets ? targets.given : []),
      ],
      evaluations: 1,
      trace: [],
      ...conclude(problem, {
        residual,
        samples: 1,
        restsOn: "ratios of entries",
        ...(rank.value &&
          !masked && { rank: { kind: "rank", rank: rank.value.rank, bound: modelRankBound(problem.model) } }),
        ...(found.value &&
          found.open === undefined && { identity: { name: `x = dWᵀ db / |db|² in layer ${layer.weight}` } }),
        ...((found.value === undefined || open) && { undetermined: clause(found.reason) }),
        ended: clause(found.reason),
      }),
    };
  } finally {
    await dispose();
  }
}

interface FoundInput {
  readonly value?: Float64Array;
  /** How many coordinates are guessed; absent where none is. */
  readonly open?: number;
  readonly reason: string;
}

function behindMask({ domain, model }: Problem, weightGradient: Matrix, biasGradient: ArrayLike<number>): FoundInput {
  const { value, reason } = maskedSample(weightGradient, biasGradient);
  if (value === undefined) return { reason };
  const guess = domain.blind(model.input.shape).data;
  const open = value.determined.reduce((sum, one) => sum + 1 - one, 0);
  return {
    value: value.input.map((entry, j) => (value.determined[j] === 1 ? entry : guess[j]!)),
    ...(open > 0 && { open }),
    reason,
  };
}
