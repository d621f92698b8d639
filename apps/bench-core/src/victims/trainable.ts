import type { Model } from "@recon/core";
import { leNetZhu, mlp } from "@recon/vision";

const digitData = { input: [1, 28, 28], classes: 10 };

/** Two layers for digits: 784-32-10, tanh, biases, cross-entropy. About 87 % after 300 steps of gradient descent on batches of eight. */
export const twoLayerClassifier = (): Model => mlp({ sizes: [784, 32, 10], activation: "tanh" }, digitData);

/** A LeNet for digits that trains: three convolutions to eight channels, tanh, weights U(±1/√fan-in). About 88 % after as much. */
export const trainableLeNet = (): Model => leNetZhu({ activation: "tanh", width: 8, start: "usual" }, digitData);
