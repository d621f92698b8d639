import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { OpCase } from "../fixtures/op-case.ts";
import { indexingCases } from "../fixtures/op-cases/indexing.ts";
import { layerCases } from "../fixtures/op-cases/layers.ts";
import { specialCases } from "../fixtures/op-cases/special.ts";
import { graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { after } from "../ops/after.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import {
  abs,
  equal,
  greater,
  greaterEqual,
  maximum,
  minimum,
  select,
  sign,
  step,
  stopGradient,
  toFloat,
  toInt,
} from "../ops/compare.ts";
import { type ConvGeometry, conv, convFilterGradient, convInputGradient } from "../ops/conv.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { constant, input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { stack } from "../ops/pieces.ts";
import { enlarge, sumPool } from "../ops/pool.ts";
import { recomputed } from "../ops/recomputed.ts";
import { max } from "../ops/reduce.ts";
import { broadcastTo, reshape, sum, transpose } from "../ops/shape.ts";
import { concat, pad, slice } from "../ops/slice.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { cos, elu, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "../ops/unary.ts";
import { type NdArray, type Precision, sizeOf, type Tensor } from "../tensor.ts";
import { opNames } from "../tfjs/fixtures/op-names.ts";
import { onnxruntime } from "./onnxruntime.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const draws = Number(process.env.RECON_OP_CASES ?? 12);

const executor = onnxruntime({ threads: 1, idlePrograms: 0 });
afterAll(() => executor.dispose());

const extent = fc.integer({ min: 1, max: 5 });
const shape = fc.array(extent, { minLength: 0, maxLength: 4 });
const unary = (apply: (x: Tensor) => Tensor, positive = false): fc.Arbitrary<OpCase> =>
  shape.map((s) => ({ shapes: [s], apply, positive }));
const binary = (apply: (a: Tensor, b: Tensor) => Tensor, positive = false): fc.Arbitrary<OpCase> =>
  shape.chain((s) =>
    fc
      .record({ drop: fc.nat(s.length), ones: fc.array(fc.boolean(), { minLength: s.length, maxLength: s.length }) })
      .map(({ drop, ones }) => ({
        shapes: [s, s.map((n, i) => (ones[i] ? 1 : n)).slice(drop)],
        apply,
        positive,
      })),
  );
const axesOf = (s: readonly number[]): fc.Arbitrary<number[]> => fc.subarray(s.map((_, axis) => axis));

const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    constantKernel: fc.boolean(),
    axes: fc.array(
      fc.record({
        size: fc.integer({ min: 5, max: 8 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        begin: fc.integer({ min: 0, max: 3 }),
        end: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    unit: fc.boolean(),
  })
  .map(({ batch, groups, inputs, outputs, axes, unit, constantKernel }) => {
    const geometry: ConvGeometry = {
      groups,
      strides: axes.map((a) => (unit ? 1 : a.stride)),
      dilations: axes.map((a) => a.dilation),
      pads: [...axes.map((a) => a.begin), ...axes.map((a) => a.end)],
    };
    const x = [batch, groups * inputs, ...axes.map((a) => a.size)];
    const w = [groups * outputs, inputs, ...axes.map((a) => a.kernel)];
    return { x, w, y: conv(input("x", x), input("w", w), geometry).shape, geometry, constantKernel };
  });

const fixed = (s: readonly number[]): Tensor =>
  constant(
    Float64Array.from({ length: sizeOf(s) }, (_, i) => Math.sin(3 * i + 1)),
    s,
  );

const table: Record<string, fc.Arbitrary<OpCase>> = {
  ...specialCases,
  ...indexingCases,
  ...layerCases,
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div, true),
  neg: unary(neg),
  maximum: binary(maximum),
  minimum: binary(minimum),
  comparisons: binary((a, b) =>
    add(toFloat(greater(a, b)), add(mul(toFloat(greaterEqual(a, b)), 2), mul(toFloat(equal(a, b)), 4))),
  ),
  select: binary((a, b) => select(greater(a, b), mul(a, b), b)),
  step: unary(step),
  sign: unary(sign),
  toInt: unary((x) => toFloat(toInt(mul(x, 3)))),
  stopGradient: unary(stopGradient),
  after: unary((x) => after(x, exp(x))),
  recomputed: unary((x) => recomputed([exp(x)], [x])[0]!),
  abs: unary(abs),
  exp: unary(exp),
  log: unary(log, true),
  sqrt: unary(sqrt, true),
  tanh: unary(tanh),
  sin: unary(sin),
  cos: unary(cos),
  // Both tails together: the runtime's float32 kernel is exact to 1e-7 in absolute terms, not relative to values near 0.
  sigmoid: unary((x) => stack([sigmoid(mul(x, 4)), sigmoid(mul(x, -4))])),
  softplus: unary((x) => softplus(mul(x, 8))),
  relu: unary(relu),
  leakyRelu: unary((x) => leakyRelu(x, 0.2)),
  elu: unary((x) => elu(x, 1.3)),
  power: unary((x) => power(x, 2.5), true),
  softmax: shape.filter((s) => s.length > 0).map((s) => ({ shapes: [s], apply: softmax })),
  logSoftmax: shape.filter((s) => s.length > 0).map((s) => ({ shapes: [s], apply: logSoftmax })),
  sum: shape.chain((s) =>
    fc
      .tuple(axesOf(s), fc.boolean())
      .map(([axes, keep]) => ({ shapes: [s], apply: (x: Tensor) => sum(x, axes, keep) })),
  ),
  max: shape.chain((s) =>
    fc
      .tuple(axesOf(s), fc.boolean())
      .map(([axes, keep]) => ({ shapes: [s], apply: (x: Tensor) => max(x, axes, keep) })),
  ),
  reshape: unary((x) => reshape(x, [1, -1, 1])),
  transpose: shape.chain((s) =>
    fc
      .shuffledSubarray(
        s.map((_, axis) => axis),
        { minLength: s.length },
      )
      .map((order) => ({ shapes: [s], apply: (x: Tensor) => transpose(x, order) })),
  ),
  broadcastTo: unary((x) => broadcastTo(x, [2, ...x.shape])),
  slice: unary((x) =>
    slice(
      x,
      x.shape.map((n) => (n > 2 ? 1 : 0)),
      x.shape.map((n) => Math.max(1, n - 2)),
    ),
  ),
  pad: unary((x) =>
    pad(
      x,
      x.shape.map((_, i) => i),
      x.shape.map(() => 1),
    ),
  ),
  concat: shape
    .filter((s) => s.length > 0)
    .chain((s) =>
      fc.nat(s.length - 1).map((axis) => ({ shapes: [s], apply: (x: Tensor) => concat([x, exp(x), x], axis) })),
    ),
  innerProduct: fc
    .constantFrom([], [7], [3, 5], [512], [64, 300], [20011])
    .map((s) => ({ shapes: [s, s], apply: innerProduct, positive: true })),
  matmul: fc
    .record({
      m: extent,
      k: extent,
      n: extent,
      outer: extent,
      batch: extent,
      a: fc.integer({ min: 0, max: 2 }),
      b: fc.integer({ min: 0, max: 2 }),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .map(({ m, k, n, outer, batch, a, b, transposeA, transposeB }) => ({
      shapes: [
        [...[outer, batch].slice(2 - a), ...(transposeA ? [k, m] : [m, k])],
        [...[outer, batch].slice(2 - b), ...(transposeB ? [n, k] : [k, n])],
      ],
      apply: (x: Tensor, y: Tensor) => matmul(x, y, { transposeA, transposeB }),
    })),
  // Few rows against a right operand that is worth not copying.
  tallMatmul: fc
    .record({ rows: fc.integer({ min: 1, max: 3 }), transposeA: fc.boolean(), transposeB: fc.boolean() })
    .map(({ rows, transposeA, transposeB }) => ({
      shapes: [transposeA ? [520, rows] : [rows, 520], transposeB ? [530, 520] : [520, 530]],
      apply: (x: Tensor, y: Tensor) => matmul(x, y, { transposeA, transposeB }),
      positive: true,
    })),
  conv: convolutions.map(({ x, w, geometry }) => ({
    shapes: [x, w],
    apply: (a: Tensor, b: Tensor) => conv(a, b, { ...geometry }),
  })),
  convInputGradient: convolutions.map(({ x, w, y, geometry, constantKernel }) => ({
    shapes: [y, w],
    apply: (a: Tensor, b: Tensor) => convInputGradient(a, constantKernel ? fixed(w) : b, x, geometry),
  })),
  convFilterGradient: convolutions.map(({ x, w, y, geometry }) => ({
    shapes: [x, y],
    apply: (a: Tensor, b: Tensor) => convFilterGradient(a, b, w, geometry),
  })),
  sumPool: fc
    .tuple(extent, extent, fc.array(extent, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3 }))
    .map(([b, c, s, size]) => ({
      shapes: [[b, c, ...s.map((n) => n * size)]],
      apply: (x: Tensor) => sumPool(x, size),
    })),
  enlarge: fc
    .tuple(extent, extent, fc.array(extent, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3 }))
    .map(([b, c, s, size]) => ({
      shapes: [[b, c, ...s]],
      apply: (x: Tensor) => enlarge(x, size),
    })),
};

/** Numbers in ±[0.3, 1.5], that float32 holds exactly, so that both sides see the same input. */
function values(count: number, start: number, positive: boolean): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const unit = Math.abs(Math.sin((i + 1) * 12.9898 + start * 78.233) * 43758.5453) % 1;
    const size = 0.3 + 1.2 * unit;
    return positive || Math.floor(size * 1e4) % 2 === 0 ? size : -size;
  });
}

function distance(a: NdArray, b: NdArray): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.data.length; i++) {
    difference += (a.data[i]! - b.data[i]!) ** 2;
    size += b.data[i]! ** 2;
  }
  return Math.sqrt(difference) / (Math.sqrt(size) + 1e-30);
}

const tolerance: Record<Precision, number> = { float32: 1e-5, float64: 1e-10 };

describe(`every op agrees with the reference interpreter (seed ${seed})`, () => {
  test.each(Object.entries(table))("%s", async (_name, arbitrary) => {
    const inputs: Record<string, Tensor> = {};
    const outputs: Record<string, Tensor> = {};
    const arrays: Record<string, NdArray> = {};
    fc.sample(arbitrary, { numRuns: draws, seed }).forEach(({ shapes, apply, positive }, i) => {
      const operands = shapes.map((s, k) => {
        const name = `${i}/${k}`;
        inputs[name] = input(name, s);
        arrays[name] = { shape: s, data: values(sizeOf(s), i * 10 + k, positive === true) };
        return inputs[name];
      });
      outputs[`${i}`] = apply(...operands);
    });
    const g = graph(inputs, outputs);
    const expected = interpret(g, arrays);
    for (const precision of ["float32", "float64"] as const) {
      for (const optimise of [true, false]) {
        const program = await executor.compile(g, { precision, optimise });
        const actual = await program.run(arrays);
        await program.dispose();
        for (const [name, value] of Object.entries(expected)) {
          const about = `draw ${name}, ${precision}, ${optimise ? "optimised" : "as written"}`;
          expect(actual[name]!.shape, about).toEqual(value.shape);
          expect(actual[name]!.data.length, about).toBe(value.data.length);
          expect(distance(actual[name]!, value), about).toBeLessThan(tolerance[precision]);
        }
      }
    }
  });

  test("the table leaves no op out", () => {
    const reached = new Set<string>();
    for (const arbitrary of Object.values(table)) {
      for (const { shapes, apply } of fc.sample(arbitrary, { numRuns: 40, seed })) {
        const operands = shapes.map((s, k) => input(`${k}`, s));
        const output = apply(...operands);
        for (const node of nodesOf({ inputs: {}, outputs: { output } })) reached.add(node.op.name);
      }
    }
    expect(opNames().filter((name) => !reached.has(name))).toEqual([]);
  });
});
