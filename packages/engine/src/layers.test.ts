import { describe, expect, test } from "vitest";
import {
  activationDerivatives,
  add,
  avgPool,
  clip,
  convolution,
  div,
  elu,
  erf,
  exp,
  gelu,
  geluTanh,
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
  silu,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
  transpose,
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

  test.each<readonly [string, (z: Tensor) => Tensor]>([
    ["x² + x³", (z) => add(square(z), mul(z, square(z)))],
    ["sin(z + 0.8)", (z) => sin(add(z, 0.8))],
    ["tanh(z + 1)", (z) => tanh(add(z, 1))],
    ["GELU", gelu],
    ["GELU by tanh", geluTanh],
    ["SiLU", silu],
    ["erf", erf],
    ["SELU", (z) => mul(elu(z, 1.6732632423543772), 1.0507009873554805)],
    ["2 tanh z", (z) => mul(tanh(z), 2)],
    ["hard tanh", (z) => clip(z, -1, 1)],
  ])("takes %s for the activation, up to the node through which all uses of z pass", (_name, s) => {
    const z = dense("a", 3, 4)(input("x", [2, 3]));
    const h = s(z);
    const [first, second] = layersOf(dense("b", 4, 2)(h));
    expect(first!.activation.name).toBe("other");
    expect(first!.output).toBe(h);
    expect(first!.preActivation).toBe(z);
    expect(second!.activation.name).toBe("identity");
  });

  test("takes neither a scale, nor a shift, nor a comparison with data for an activation", () => {
    const z = dense("a", 3, 4)(input("x", [2, 3]));
    for (const after of [mul(z, 0.1), div(add(z, 1), 3), neg(z), mul(z, input("y", [2, 4]))]) {
      expect(layersOf(sum(after))[0]).toMatchObject({ activation: { name: "identity" }, output: z });
    }
  });

  test("sees that z is used beside its activation", () => {
    const z = dense("a", 3, 4)(input("x", [2, 3]));
    const [layer] = layersOf(add(mul(input("gate", [2, 4]), z), tanh(z)));
    expect(layer!.activation.name).toBe("other");
    expect(layer!.output).toBe(z);
    expect(activationDerivatives(layer!, 1, 5)).toBeUndefined();
  });

  test("stops where another quantity enters", () => {
    const z = dense("a", 3, 4)(input("x", [2, 3]));
    const h = relu(z);
    const [layer] = layersOf(mul(h, input("mask", [2, 4])));
    expect(layer!.activation.name).toBe("relu");
    expect(layer!.output).toBe(h);
  });

  test("finds weights that are stored transposed", () => {
    const x = input("x", [2, 3]);
    const stored = input("w", [3, 4]);
    const direct = tanh(add(matmul(x, stored), input("b", [4])));
    const turned = tanh(matmul(x, transpose(stored), { transposeB: true }));
    const twice = tanh(matmul(x, transpose(input("v", [4, 3]))));
    expect(layersOf(direct)[0]).toMatchObject({ weight: "w", bias: "b", layout: "transposed", output: direct });
    expect(layersOf(turned)[0]).toMatchObject({ weight: "w", layout: "transposed" });
    expect(layersOf(twice)[0]).toMatchObject({ weight: "v", layout: "plain" });
    expect(layersOf(linear(x, input("u", [4, 3])))[0]).toMatchObject({ layout: "plain" });
  });

  test("does not take a product of data for a layer", () => {
    const x = input("x", [3, 4]);
    expect(layersOf(matmul(x, mul(x, 2), { transposeB: true }))).toEqual([]);
  });
});
