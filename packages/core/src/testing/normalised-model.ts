import { batchNorm, batchNormEval } from "@recon/engine";
import type { Model } from "../problem.ts";
import { drawNormal } from "./draw.ts";
import { type ReferenceModelOptions, referenceModel } from "./reference-model.ts";

/**
 * The reference model behind a normalisation of its inputs: by mean and variance of the batch in train mode, by the buffers `average` and `spread`
 * (a variance) in eval mode. The smallest victim that has buffers and whose samples meet.
 */
export function normalisedModel(options: ReferenceModelOptions = {}): Model {
  const inner = referenceModel(options);
  const features = inner.input.shape;
  return {
    ...inner,
    name: "normalised reference",
    buffers: { average: { shape: features }, spread: { shape: features } },
    init: (rng) => ({
      ...inner.init(rng),
      average: drawNormal(features, rng.split("average")),
      spread: { shape: features, data: drawNormal(features, rng.split("spread")).data.map((x) => 0.5 + x * x) },
    }),
    forward: (p, data, mode) => {
      const x = data.input!;
      const input = mode === "train" ? batchNorm(x) : batchNormEval(x, p.average!, p.spread!);
      return inner.forward(p, { ...data, input }, mode);
    },
  };
}
