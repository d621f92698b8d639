import type { Model } from "@recon/core";
import { mul } from "@recon/engine";
import { leNetZhu, mlp } from "@recon/vision";
import { twoLayer } from "./two-layer.ts";

const digitData = { input: [1, 28, 28], classes: 10 };

/** Two layers for digits: 784-32-10, tanh, biases, cross-entropy. About 87 % after 300 steps of gradient descent on batches of eight. */
export const twoLayerClassifier = (): Model => mlp({ sizes: [784, 32, 10], activation: "tanh" }, digitData);

/** A LeNet for digits that trains: three convolutions to eight channels, tanh, weights U(±1/√fan-in). About 88 % after as much. */
export const trainableLeNet = (): Model => leNetZhu({ activation: "tanh", width: 8, start: "usual" }, digitData);

/**
 * f(x) = Σⱼ aⱼ tanh(wⱼ · x) / √m with w ~ N(0, I) and aⱼ = 1 at the start, loss ½ Σᵢ (f(xᵢ) − yᵢ)²: the two layers of the theorems in the scaling in which both
 * learn, so that noise of one size means the same to both.
 */
export function wideTwoLayer(inputs: number, hidden: number): Model {
  const base = twoLayer({ inputs, hidden, activation: "tanh" });
  return {
    ...base,
    name: "wide-two-layer",
    options: { inputs, hidden },
    init: (rng) => ({ ...base.init(rng), a: { shape: [1, hidden], data: new Float64Array(hidden).fill(1) } }),
    forward: (parameters, data, mode) => mul(base.forward(parameters, data, mode), 1 / Math.sqrt(hidden)),
  };
}
