import { checkOptions, integer } from "@recon/core/options";
import { crossEntropy, linear, reshape, tanh } from "@recon/engine";

/**
 * One hidden layer: logits = W₂ tanh(W₁ x + b₁) + b₂, with cross-entropy, mean over the batch.
 *
 * A place to start: `forward` and `loss` are traced once into a graph, so write them with operations of the engine and without looking at values.
 *
 * @param {{ hidden?: number }} options `hidden`: width of the hidden layer, at least 1; 32 unless said.
 * @param {import("@recon/core").DataToFit} data Shape of an item and number of classes.
 * @returns {import("@recon/core").Model}
 */
export function samplePiece(options, data) {
  checkOptions("sample-piece", options, { hidden: integer(1) });
  const { hidden = 32 } = options;
  const inputs = data.input.reduce((size, extent) => size * extent, 1);
  const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [data.classes, hidden], b2: [data.classes] };
  return {
    name: "sample-piece",
    options: { hidden },
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: data.input },
    target: { shape: [data.classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (rng) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const stream = rng.split(name);
          const scale = 1 / Math.sqrt(shape.at(-1));
          const size = shape.reduce((total, extent) => total * extent, 1);
          return [name, { shape, data: Float64Array.from({ length: size }, () => scale * stream.normal()) }];
        }),
      ),
    forward: (p, { input }) => linear(tanh(linear(reshape(input, [input.shape[0], inputs]), p.w1, p.b1)), p.w2, p.b2),
    loss: (output, { target }) => crossEntropy(output, target),
  };
}
