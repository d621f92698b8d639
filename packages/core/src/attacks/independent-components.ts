import { type NdArray, sizeOf } from "@recon/engine";
import { unmixComponents } from "../exact/independent-components/unmix-components.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { matrix } from "../linear-algebra/matrix.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, knownNoise } from "./conclude.ts";
import { pairedTargets } from "./cotangent-targets.ts";
import { fitOf } from "./forward.ts";
import { firstLinearLayer } from "./model-layers.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

/**
 * A batch out of the first linear layer by independence alone: the rows of dW are mixtures of the inputs, and independent component analysis unmixes them.
 *
 * It works for any activation and needs no sparsity, but the components are inputs only as far as these are independent and not Gaussian: the forward model
 * checks them, and what it finds is at most `consistent`.
 *
 * @see Kariyappa et al., Cocktail Party Attack: Breaking Aggregation-Based Privacy in Federated Learning using Independent Component Analysis, ICML 2023.
 */
export function independentComponents(): Attack {
  return takingOneGradient({
    name: "independent-components",
    options: {},
    cite: "Kariyappa et al., Cocktail Party Attack, ICML 2023",
    needs: ["architecture", "weights", "lossKind", "batchSize"],
    applies,
    run,
  });
}

function applies(problem: Problem): Applicability {
  const layer = firstLinearLayer(problem.model);
  if (layer === undefined) return { reason: "the data does not enter a linear layer first" };
  if (layer.bias === undefined)
    return { reason: `layer ${layer.weight} has no bias, so the scale of its inputs is open` };
  const gradient = problem.observation[layer.weight];
  if (gradient === undefined || problem.observation[layer.bias] === undefined) {
    return { reason: `the observation holds no gradient of layer ${layer.weight} and its bias` };
  }
  const batch = batchSizeOf(problem);
  const { rows, cols } = weightMatrix(layer, gradient);
  if (batch > Math.min(rows, cols)) {
    return { reason: `a ${rows} x ${cols} gradient holds fewer than ${batch} mixtures` };
  }
  if (batch < 2) return { reason: "one sample needs no unmixing" };
  const targets = recoveredTargets(problem, batch);
  return "reason" in targets ? targets : true;
}

async function* run(problem: Problem, { executor }: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const layer = firstLinearLayer(problem.model)!;
  const batch = batchSizeOf(problem);
  const told = recoveredTargets(problem, batch);
  if ("reason" in told) return;
  const { product, dispose } = executorProduct(executor);
  try {
    yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "independent components" };
    const gradient = weightMatrix(layer, problem.observation[layer.weight]!);
    const { value, reason } = await unmixComponents(gradient, problem.observation[layer.bias!]!.data, {
      samples: batch,
      precision: problem.observationPrecision,
      noiseStd: knownNoise(problem),
      product,
    });
    const shape = [batch, ...problem.model.input.shape];
    const input: NdArray = { shape, data: value?.inputs.data ?? new Float64Array(sizeOf(shape)) };
    const cotangents = value?.errors ?? matrix(batch, gradient.rows);
    const target = await pairedTargets(
      problem,
      executor,
      { inputs: input, cotangents, layer: layer.weight },
      told.value,
    );
    const { residual } = await fitOf(problem, executor, { input, target });
    yield {
      kind: "solution",
      value: { input, target },
      residual,
      given: [...new Set(["architecture", "weights", "lossKind", "batchSize", ...told.given])],
      evaluations: 1,
      trace: [],
      ...conclude(problem, { residual, samples: batch, ended: clause(reason) }),
    };
  } finally {
    await dispose();
  }
}
