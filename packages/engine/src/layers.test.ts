import { describe, expect, test } from "vitest";
import {
  add,
  avgPool,
  convolution,
  elu,
  exp,
  input,
  type Layer,
  leakyRelu,
  linear,
  logSoftmax,
  matmul,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  sum,
  type Tensor,
  tanh,
} from "./index.ts";
import { layersOf } from "./layers.ts";

const summary = (layers: readonly Layer[]): string[] =>
  layers.map((layer) => `${layer.kind} ${layer.weight} ${layer.bias ?? "-"} ${layer.activation.name}`);

const dense = (name: string, from: number, to: number, bias = true): ((x: Tensor) => Tensor) => {
  const weight = input(`${name}.weight`, [to, from]);
  return (x) => linear(x, weight, bias ? input(`${name}.bias`, [to]) : undefined);
};

describe("layersOf", () => {
  test("finds the layers of a perceptron below its loss, in order", () => {
    const x = input("x", [2, 6]);
    const h = relu(dense("first", 6, 5)(x));
    const z = dense("last", 5, 3, false)(h);
    const loss = neg(sum(mul(logSoftmax(z), input("target", [2, 3]))));
    const layers = layersOf(loss);
    expect(summary(layers)).toEqual(["linear first.weight first.bias relu", "linear last.weight - identity"]);
    expect(layers[0]!.input).toBe(x);
    expect(layers[0]!.output).toBe(h);
    expect(layers[1]!.input).toBe(h);
    expect(layers[1]!.preActivation).toBe(z);
    expect(layers[1]!.output).toBe(z);
  });

  test("finds the layers of a convolutional network with their geometry", () => {
    const x = input("x", [1, 3, 8, 8]);
    const bias = input("b1", [4]);
    const h = sigmoid(convolution(x, input("w1", [4, 3, 5, 5]), bias, { strides: 2, pads: 2 }));
    const pooled = avgPool(tanh(convolution(h, input("w2", [4, 4, 3, 3]), undefined, { pads: 1 })), 2);
    const layers = layersOf(dense("head", 16, 10)(reshape(pooled, [1, 16])));
    expect(summary(layers)).toEqual([
      "convolution w1 b1 sigmoid",
      "convolution w2 - tanh",
      "linear head.weight head.bias identity",
    ]);
    expect(layers[0]).toMatchObject({ strides: [2, 2], pads: [2, 2, 2, 2], dilations: [1, 1], groups: 1, output: h });
  });

  test("reads the slope of a leaky ReLU", () => {
    const z = convolution(input("x", [1, 2, 4, 4]), input("w", [3, 2, 3, 3]), input("b", [3]));
    const [layer] = layersOf(leakyRelu(z, 0.2));
    expect(layer!.activation).toEqual({ name: "leakyRelu", slope: 0.2 });
    expect(layer!.preActivation).toBe(z);
  });

  test("knows the exponential linear unit and says other where it knows nothing", () => {
    const z = dense("a", 4, 4)(input("x", [1, 4]));
    expect(layersOf(elu(z))[0]!.activation.name).toBe("elu");
    expect(layersOf(exp(z))[0]!.activation.name).toBe("other");
  });

  test("sees through the reshapes around rows of positions", () => {
    const h = relu(dense("a", 4, 5)(input("x", [2, 3, 4])));
    const [layer] = layersOf(h);
    expect(layer!.activation.name).toBe("relu");
    expect(layer!.input.shape).toEqual([6, 4]);
    expect(layer!.output).toBe(h);
  });

  test("takes the sum with another branch for what it is, not for a bias", () => {
    const x = input("x", [4, 4]);
    const z = matmul(x, input("w", [4, 4]), { transposeB: true });
    const [layer] = layersOf(add(z, input("shortcut", [4, 4])));
    expect(layer!.bias).toBeUndefined();
    expect(layer!.activation.name).toBe("identity");
  });

  test("does not take a product of data for a layer", () => {
    const x = input("x", [3, 4]);
    expect(layersOf(matmul(x, mul(x, 2), { transposeB: true }))).toEqual([]);
  });
});
