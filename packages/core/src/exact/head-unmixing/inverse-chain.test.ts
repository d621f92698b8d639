import { expect, it } from "vitest";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { sparseVector } from "../../linear-algebra/sparse.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { asConvolution } from "../recursion/chain-misfit.ts";
import { convolutionSystem } from "../recursion/convolution-system.ts";
import { inverseActivation } from "../recursion/inverse-activation.ts";
import type { RecursionConvolution, RecursionLayer, RecursionLinear } from "../recursion/recursion.ts";
import { inverseChain } from "./inverse-chain.ts";
import { inverseLayer } from "./inverse-layer.ts";

const random = rng("layers");
const array = (...shape: number[]) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
});
const linear = (inputs: number, outputs: number, name: RecursionLayer["activation"]["name"]): RecursionLinear => ({
  kind: "linear",
  name: `${inputs} to ${outputs}`,
  weight: array(outputs, inputs),
  bias: array(outputs),
  weightGradient: array(outputs, inputs),
  activation: { name, slope: 0.2 },
  inputShape: [inputs],
  outputShape: [outputs],
});
/** 5 × 5 with padding 2 and as many channels out as in: as many outputs as inputs. */
const square = (channels: number, size: number): RecursionConvolution => ({
  kind: "convolution",
  name: "square",
  weight: array(channels, channels, 5, 5),
  bias: array(channels),
  weightGradient: array(channels, channels, 5, 5),
  activation: { name: "sigmoid" },
  inputShape: [channels, size, size],
  outputShape: [channels, size, size],
  strides: [1, 1],
  pads: [2, 2, 2, 2],
  dilations: [1, 1],
  groups: 1,
});
const through = (layer: RecursionLayer, x: Matrix): Matrix => {
  const { weights, outputs } = convolutionSystem(layer.kind === "convolution" ? layer : asConvolution(layer));
  const { apply } = inverseActivation(layer.activation)!;
  const rows = Array.from({ length: x.rows }, (_, i) =>
    Array.from(sparseVector(weights, x.data.subarray(i * x.cols, (i + 1) * x.cols)), (z, o) =>
      apply(z + layer.bias!.data[Math.floor(o / outputs)]!),
    ),
  );
  return matrix(x.rows, weights.rows, rows.flat());
};
const batch = (rows: number, cols: number): Matrix => matrix(rows, cols, array(rows, cols).data);
const distance = (a: Matrix, b: Matrix): number => norm(a.data.map((value, at) => value - b.data[at]!));

it("follows every sample back through square and widening layers of any invertible activation", async () => {
  const layers = [
    linear(6, 9, "tanh"),
    linear(9, 9, "leakyRelu"),
    linear(9, 12, "softplus"),
    linear(12, 12, "sigmoid"),
  ];
  const x = batch(5, 6);
  const h = layers.reduce((at, layer) => through(layer, at), x);
  const found = await inverseChain(layers, h);
  expect(found.inverted).toBe(4);
  expect(distance(found.inputs, x)).toBeLessThan(1e-8);
  // An error of the outputs grows by no more than 1 / gain.
  const moved = matrix(
    5,
    6,
    x.data.map((value, at) => value + 1e-6 * Math.cos(at)),
  );
  const change = distance(
    layers.reduce((at, layer) => through(layer, at), moved),
    h,
  );
  expect(change / distance(moved, x)).toBeGreaterThan(found.gain);
  expect(found.gain).toBeGreaterThan(0);
});

it("inverts a square convolution for every sample of a batch to 1e-10", async () => {
  const layer = square(3, 8);
  const x = batch(4, 192);
  const { value, reason } = await inverseLayer(layer, through(layer, x));
  expect(value, reason).toBeDefined();
  expect(distance(value!.inputs, x) / norm(x.data)).toBeLessThan(1e-10);
});

it("inverts a ReLU where enough units are on, and says where not", async () => {
  const wide = linear(4, 40, "relu");
  const x = batch(3, 4);
  const { value } = await inverseLayer(wide, through(wide, x));
  expect(distance(value!.inputs, x)).toBeLessThan(1e-10);
  const narrow = linear(4, 5, "relu");
  const found = await inverseLayer(narrow, matrix(1, 5, [1, 1, 1, 0, 0]));
  expect(found.reason).toMatch(/3 usable outputs of sample 1 do not determine its 4 inputs/);
});

it("stops at the first layer from the end that loses some of its input, with what it has", async () => {
  const layers = [linear(6, 9, "tanh"), linear(9, 5, "tanh"), linear(5, 5, "tanh")];
  const x = batch(2, 6);
  const found = await inverseChain(
    layers,
    layers.reduce((at, layer) => through(layer, at), x),
  );
  expect(found.inverted).toBe(1);
  expect(found.inputs.cols).toBe(5);
  expect(found.stopped).toMatch(/9 to 5 maps 9 numbers to 5/);
});
