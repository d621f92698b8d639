import { add, elu, gelu, mul, onnxruntime, relu, sigmoid, silu, sin, square, type Tensor, tanh } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { matrix } from "../../linear-algebra/matrix.ts";
import { executorProduct, multiply } from "../../linear-algebra/multiply.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { rng } from "../../random.ts";
import { batchError } from "./fixtures/batch-error.ts";
import { functionOf, type PlantedBlockOptions, plantedBlock } from "./fixtures/planted-block.ts";
import { jacobianBound, triangularBound, triangularJacobianBound } from "./jacobian-bound.ts";
import type { TensorBlock, TensorOptions } from "./tensor-block.ts";
import { twoLayerTensor } from "./two-layer-tensor.ts";

const executor = onnxruntime();
const { product, dispose } = executorProduct(executor);
afterAll(dispose);

const planted = (options: PlantedBlockOptions) => plantedBlock({ executor, ...options });
const solve = (block: TensorBlock, options: Partial<TensorOptions> = {}) =>
  twoLayerTensor(block, { precision: "float64", product, rng: rng("attack"), ...options });

const seeds = [1, 2];

describe("twoLayerTensor", () => {
  test.each<readonly [string, (z: Tensor) => Tensor, Partial<PlantedBlockOptions>]>([
    ["tanh", tanh, {}],
    ["sigmoid", sigmoid, {}],
    ["x² + x³", (z) => add(square(z), mul(z, square(z))), { lift: 3 }],
    ["sin(z + 0.8)", (z) => sin(add(z, 0.8)), {}],
    ["tanh(z + 1)", (z) => tanh(add(z, 1)), {}],
    ["GELU", (z) => gelu(z), {}],
    ["SiLU", silu, { hidden: 2000 }],
    ["SELU", (z) => mul(elu(z, 1.6732632423543772), 1.0507009873554805), {}],
  ])("recovers a batch of three behind %s to rounding", async (_name, activation, other) => {
    for (const seed of seeds) {
      const { block, truth } = await planted({ activation, batch: 3, inputs: 20, hidden: 1000, seed, ...other });
      const found = await solve(block);
      expect(batchError(found.value!.inputs, truth, { sign: found.value!.signOpen })).toBeLessThan(1e-11);
      expect(found.residual).toBeLessThan(1e-12);
    }
  });

  test("signs, norms and error signals follow from the bias gradient, for an odd activation too", async () => {
    for (const seed of seeds) {
      const victim = await planted({
        activation: tanh,
        batch: 4,
        inputs: 20,
        hidden: 1500,
        bias: true,
        norms: [0.5, 2],
        seed,
      });
      const found = await solve(victim.block);
      expect(found.value!.signOpen).toBe(false);
      expect(batchError(found.value!.inputs, victim.truth)).toBeLessThan(1e-12);
      expect(batchError(found.value!.cotangents, victim.cotangents)).toBeLessThan(1e-12);
    }
  });

  test("ReLU by order 4: exact once the length is told, or with a bias", async () => {
    for (const seed of seeds) {
      const plain = await planted({ activation: relu, batch: 2, inputs: 20, hidden: 1000, seed });
      const found = await solve(plain.block, { inputLength: 1 });
      expect(batchError(found.value!.inputs, plain.truth)).toBeLessThan(1e-10);
      expect((await solve(plain.block)).value!.lengthOpen).toBe(true);
      const biased = await planted({ activation: relu, batch: 2, inputs: 20, hidden: 1000, bias: true, seed });
      expect(batchError((await solve(biased.block)).value!.inputs, biased.truth)).toBeLessThan(1e-10);
    }
  });

  test("several outputs share the inputs", async () => {
    for (const outputs of [3, 12]) {
      const victim = await planted({ activation: tanh, batch: 3, inputs: 20, hidden: 1000, outputs, seed: 5 });
      const found = await solve(victim.block);
      expect(batchError(found.value!.inputs, victim.truth, { sign: true })).toBeLessThan(1e-12);
    }
  });

  test("weights of another scale and shape are whitened, and the norms found", async () => {
    const victim = await planted({
      activation: sin,
      batch: 3,
      inputs: 20,
      hidden: 1500,
      norms: [0.8, 1.2],
      seed: 7,
    });
    // The same block with W → W D⁻¹ and x → D x has the same pre-activations; G → G D.
    const scale = (k: number): number => 0.1 * (1 + k / 10);
    const columns = (a: { rows: number; cols: number; data: Float64Array }, f: (k: number) => number) =>
      matrix(
        a.rows,
        a.cols,
        a.data.map((value, at) => value * f(at % a.cols)),
      );
    const { weight, weightGradient } = victim.block;
    const found = await solve({
      ...victim.block,
      weight: columns(weight, (k) => 1 / scale(k)),
      weightGradient: columns(weightGradient, scale),
    });
    expect(batchError(found.value!.inputs, columns(victim.truth, scale), { sign: true })).toBeLessThan(1e-12);
  });

  test("an inner block of a deeper net gives back the features that go into it", async () => {
    const victim = await planted({ activation: tanh, batch: 3, inputs: 16, hidden: 800, seed: 11 });
    // Features tanh(M x) of random data enter the block; what follows it is unknown, so its cotangents are any numbers.
    const random = rng("inner");
    const normals = (rows: number, cols: number) =>
      matrix(
        rows,
        cols,
        Float64Array.from({ length: rows * cols }, () => random.normal()),
      );
    const features = normals(3, 16);
    for (let at = 0; at < features.data.length; at++) features.data[at] = 0.5 * Math.tanh(features.data[at]!);
    const cotangents = normals(3, 5);
    const outer = normals(5, 800);
    const z = multiply(victim.block.weight, features, { transposeB: true });
    const slope = z.data.map((value) => 1 - Math.tanh(value) ** 2);
    const errors = multiply(outer, cotangents, { transposeA: true, transposeB: true });
    const delta = matrix(
      800,
      3,
      errors.data.map((value, at) => value * slope[at]!),
    );
    const found = await solve({
      weight: victim.block.weight,
      weightGradient: multiply(delta, features),
      outer,
      outerGradient: multiply(cotangents, matrix(800, 3, z.data.map(Math.tanh)), {
        transposeA: true,
        transposeB: true,
      }),
      activation: functionOf(tanh, executor),
    });
    expect(batchError(found.value!.inputs, features, { sign: true })).toBeLessThan(1e-12);
  });

  test("says why where the gradient does not determine the batch", async () => {
    const options = { activation: tanh, inputs: 6, hidden: 200, seed: 3 };
    const saturated = await planted({ ...options, batch: 8 });
    expect(await solve(saturated.block)).toMatchObject({
      reason: expect.stringMatching(/rank 6, as high as it can be/),
    });
    const zero = { ...saturated.block, weightGradient: matrix(200, 6) };
    expect((await solve(zero)).reason).toMatch(/zero/);
    const quadratic = await planted({ ...options, activation: square, batch: 2 });
    expect((await solve(quadratic.block)).reason).toMatch(/moments of order 3 and 4 vanish/);
    const wrongOrder = await planted({ ...options, activation: relu, batch: 2 });
    expect((await solve(wrongOrder.block, { order: 3 })).reason).toMatch(/use order 4/);
    const narrow = await planted({ ...options, inputs: 20, hidden: 6, batch: 5, outputs: 40 });
    const { outerGradient: _, ...without } = narrow.block;
    expect((await solve(without)).reason).toMatch(/fewer equations/);
  });
});

describe("jacobianBound", () => {
  test("is never above the smallest singular value of the full Jacobian", async () => {
    for (const bias of [false, true]) {
      const { block } = await planted({ activation: tanh, batch: 2, inputs: 6, hidden: 60, bias, seed: 9 });
      const found = await solve(block);
      const value = found.value!;
      const { smallestSingularValue, rank, unknowns } = await jacobianBound(value, product, rng("rows"));
      expect(rank).toBe(unknowns);
      expect(unknowns).toBe(2 * (6 + 1));
      const exact = smallestByDifferences(block, value.inputs.data, value.cotangents.data);
      expect(smallestSingularValue).toBeLessThanOrEqual(exact * (1 + 1e-4));
      expect(smallestSingularValue).toBeGreaterThan(exact / 2);
      const bound = await triangularJacobianBound(value, product, rng("rows"));
      expect(bound).toBeGreaterThan(0);
      expect(bound).toBeLessThanOrEqual(exact * (1 + 1e-4));
    }
  });
});

test("triangularBound is the smallest singular value of [a n; 0 d]", () => {
  for (const [a, n, d] of [
    [3, 0, 2],
    [1, 5, 0.1],
    [0.01, 2, 7],
  ] as const) {
    const { values } = svd(matrix(2, 2, [a, n, 0, d]));
    expect(triangularBound(a, n, d)).toBeCloseTo(values[1]!, 12);
  }
});

/** The smallest singular value of all gradients' Jacobian in x and r, by central differences of the formulas. */
function smallestByDifferences(block: TensorBlock, x: Float64Array, r: Float64Array): number {
  const { weight, bias, outer } = block;
  const batch = r.length;
  const d = weight.cols;
  const observe = (unknowns: Float64Array): Float64Array => {
    const result: number[] = [];
    for (let j = 0; j < weight.rows; j++) {
      const row = new Float64Array(d + 2);
      for (let i = 0; i < batch; i++) {
        let z = bias?.[j] ?? 0;
        for (let k = 0; k < d; k++) z += weight.data[j * d + k]! * unknowns[i * d + k]!;
        const cotangent = unknowns[batch * d + i]!;
        const delta = outer.data[j]! * cotangent * (1 - Math.tanh(z) ** 2);
        for (let k = 0; k < d; k++) row[k]! += delta * unknowns[i * d + k]!;
        if (bias !== undefined) row[d]! += delta;
        row[d + 1]! += cotangent * Math.tanh(z);
      }
      result.push(...row);
    }
    return Float64Array.from(result);
  };
  const at = Float64Array.from([...x, ...r]);
  const step = 1e-5;
  const columns = Array.from(at, (_, k) => {
    const shifted = (sign: number): Float64Array =>
      observe(at.map((value, i) => (i === k ? value + sign * step : value)));
    const [right, left] = [shifted(1), shifted(-1)];
    return right.map((value, i) => (value - left[i]!) / (2 * step));
  });
  const jacobian = matrix(columns[0]!.length, at.length);
  for (const [k, column] of columns.entries()) {
    for (const [i, value] of column.entries()) jacobian.data[i * at.length + k] = value;
  }
  return svd(jacobian).values.at(-1)!;
}
