import { onnxruntime } from "@recon/engine";
import { squared } from "../discrepancies/squared.ts";
import type { Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import { lbfgs } from "../solvers/lbfgs.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { testAttack } from "../testing/test-attack.ts";
import { analytic } from "./analytic.ts";
import { automatic } from "./automatic.ts";
import { gradientMatching } from "./gradient-matching.ts";
import { layerRecursion } from "./layer-recursion.ts";
import { recoveredTargets } from "./targets.ts";

const executor = () => onnxruntime({ threads: 1 });
const reference = (rng: Rng) => plantCase(rng, { known: { batchSize: 1 } });
const twoSamples = (rng: Rng): Problem => plantCase(rng, { batch: 2, known: { batchSize: 2 } }).problem;
/** A head of zeros: no error reaches the layers before it, so their gradients are zero. */
const silent = (rng: Rng): Problem => {
  const { params } = plantCase(rng).problem;
  const w2 = { shape: params.w2!.shape, data: new Float64Array(params.w2!.data.length) };
  return plantCase(rng, { params: { ...params, w2 }, known: { batchSize: 1 } }).problem;
};

testAttack(analytic, { reference, tolerance: 1e-8, refused: twoSamples, unidentifiable: silent, executor });
testAttack(layerRecursion, { reference, tolerance: 1e-6, refused: twoSamples, unidentifiable: silent, executor });

const matching = () =>
  gradientMatching({
    name: "matching",
    cite: "Zhu, Liu & Han, NeurIPS 2019",
    options: {},
    discrepancy: () => squared(),
    priors: () => [],
    targets: recoveredTargets,
    solver: () => lbfgs(),
    restarts: 4,
  });
/** Weights small enough that tanh does not saturate: elsewhere the search is a gamble, which no law can ask to be won. */
const gentle = (rng: Rng) => {
  const model = referenceModel({ hidden: 8 });
  const drawn = model.init(rng.split("weights"));
  const params = Object.fromEntries(
    Object.entries(drawn).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (w) => 0.3 * w) },
    ]),
  );
  return plantCase(rng, { model, params, known: { batchSize: 1 } });
};
testAttack(matching, { reference: gentle, tolerance: 0.05, executor, evaluations: 1600 });
testAttack(() => automatic({ exact: [analytic()], search: [matching()] }), { reference, tolerance: 1e-8, executor });
