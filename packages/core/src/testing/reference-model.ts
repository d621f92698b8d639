import { linear, logSoftmax, mean, mul, sum, tanh } from "@recon/engine";
import type { Model } from "../problem.ts";
import type { Rng } from "../random.ts";
import { drawNormal } from "./draw.ts";

export interface ReferenceModelOptions {
  readonly inputs?: number;
  readonly hidden?: number;
  readonly classes?: number;
}

/** The smallest smooth victim with all that laws need: 5 → 4 tanh → 3 classes, cross-entropy, mean over the batch. */
export function referenceModel({ inputs = 5, hidden = 4, classes = 3 }: ReferenceModelOptions = {}): Model {
  const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [classes, hidden], b2: [classes] };
  return {
    name: "reference",
    options: { inputs, hidden, classes },
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [inputs] },
    target: { shape: [classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (rng: Rng) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawNormal(shape, rng.split(name))])),
    forward: (p, data) => linear(tanh(linear(data.input!, p.w1!, p.b1!)), p.w2!, p.b2!),
    loss: (output, data) => mul(mean(sum(mul(logSoftmax(output), data.target!), [1])), -1),
  };
}
