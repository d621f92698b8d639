import { definePlugin } from "@recon/core";
import { checkOptions, integer } from "@recon/core/options";
import { crossEntropy, linear, reshape, tanh } from "@recon/engine";

/** One hidden layer: logits = W₂ tanh(W₁ x + b₁) + b₂, with cross-entropy, mean over the batch. */
export function oneLayer(options, data) {
  checkOptions("one-layer", options, { hidden: integer(1) });
  const { hidden = 32 } = options;
  const inputs = sizeOf(data.input);
  const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [data.classes, hidden], b2: [data.classes] };
  return {
    name: "one-layer",
    options: { hidden },
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: data.input },
    target: { shape: [data.classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (rng) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(shape, rng.split(name))])),
    forward: (p, { input }) => linear(tanh(linear(reshape(input, [input.shape[0], inputs]), p.w1, p.b1)), p.w2, p.b2),
    loss: (output, { target }) => crossEntropy(output, target),
  };
}

const sizeOf = (shape) => shape.reduce((size, extent) => size * extent, 1);

/** N(0, 1/fan-in). */
function drawn(shape, rng) {
  const scale = 1 / Math.sqrt(shape.at(-1));
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => scale * rng.normal()) };
}

export default definePlugin({ specVersion: 1, name: "nets", models: { "one-layer": oneLayer } });
