import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, vjp } from "../grad.ts";
import { graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { type Arrays, sizeOf, type Tensor } from "../tensor.ts";
import { add, div, dot, mul, neg, square, sub } from "./arithmetic.ts";
import { abs, clip, maximum, minimum, select, step } from "./compare.ts";
import { type ConvOptions, conv, convFilterGradient, convInputGradient } from "./conv.ts";
import { input } from "./leaf.ts";
import { linear, matmul } from "./matmul.ts";
import { avgPool, enlarge } from "./pool.ts";
import { max, mean, variance } from "./reduce.ts";
import { broadcastTo, reshape, sum, sumTo, transpose } from "./shape.ts";
import { concat, pad, slice } from "./slice.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { cos, elu, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "./unary.ts";

const seed = Number(process.env.RECON_TEST_SEED ?? Date.now() % 2 ** 31);
const cases = Number(process.env.RECON_OP_CASES ?? 30);

/** An op under test: shapes of its operands and how to apply it. Operand values keep away from kinks and from the edge of domains. */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly apply: (...operands: Tensor[]) => Tensor;
  /** Values are drawn from ±[low, high]; positive only when said. */
  readonly positive?: boolean;
}

const extent = fc.integer({ min: 1, max: 4 });
const shape = fc.array(extent, { minLength: 1, maxLength: 3 });
const unary = (apply: (x: Tensor) => Tensor, positive = false): fc.Arbitrary<Case> =>
  shape.map((s) => ({ shapes: [s], apply, positive }));
/** Two shapes that broadcast: each axis may be 1 in one of them. */
const broadcasting = shape.chain((s) =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: s.length, maxLength: s.length }),
      fc.nat({ max: s.length }),
    )
    .map(([ones, drop]) => [
      s.map((n, i) => (ones[i] === 1 ? 1 : n)),
      s.map((n, i) => (ones[i] === 2 ? 1 : n)).slice(drop),
    ]),
);
const binary = (apply: (a: Tensor, b: Tensor) => Tensor, positive = false): fc.Arbitrary<Case> =>
  broadcasting.map((shapes) => ({ shapes, apply, positive }));

const convCase: fc.Arbitrary<{ x: number[]; w: number[]; options: ConvOptions }> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 2 }),
    inPer: fc.integer({ min: 1, max: 2 }),
    outPer: fc.integer({ min: 1, max: 2 }),
    axes: fc.array(
      fc.record({
        size: fc.integer({ min: 4, max: 6 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 2 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        begin: fc.integer({ min: 0, max: 2 }),
        end: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  })
  .map(({ batch, groups, inPer, outPer, axes }) => ({
    x: [batch, groups * inPer, ...axes.map((a) => a.size)],
    w: [groups * outPer, inPer, ...axes.map((a) => a.kernel)],
    options: {
      groups,
      strides: axes.map((a) => a.stride),
      dilations: axes.map((a) => (a.kernel > 1 && (a.kernel - 1) * a.dilation < a.size ? a.dilation : 1)),
      pads: [...axes.map((a) => a.begin), ...axes.map((a) => a.end)],
    },
  }));

const geometryOf = (node: Tensor) => node.attributes as unknown as Parameters<typeof convInputGradient>[3];

const table: Record<string, fc.Arbitrary<Case>> = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div, true),
  neg: unary(neg),
  square: unary(square),
  maximum: binary((a, b) => maximum(mul(a, 3), b)),
  minimum: binary((a, b) => minimum(mul(a, 3), b)),
  clip: unary((x) => mul(clip(x, -0.77777, 0.77777), x)),
  select: binary((a, b) => select({ ...step(a), dtype: "bool" }, mul(a, b), square(b))),
  abs: unary((x) => mul(abs(x), x)),
  exp: unary(exp),
  log: unary(log, true),
  sqrt: unary(sqrt, true),
  tanh: unary(tanh),
  sin: unary(sin),
  cos: unary(cos),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  relu: unary((x) => mul(relu(x), x)),
  leakyRelu: unary((x) => mul(leakyRelu(x, 0.2), x)),
  elu: unary((x) => elu(x, 1.3)),
  power: unary((x) => power(x, 2.5), true),
  max: unary((x) => max(mul(x, x), [-1])),
  mean: unary((x) => square(mean(x, [0], true))),
  variance: unary((x) => variance(x, [-1])),
  softmax: unary(softmax),
  logSoftmax: unary(logSoftmax),
  reshape: unary((x) => square(reshape(x, [-1]))),
  transpose: unary((x) => square(transpose(x))),
  sum: unary((x) => square(sum(x, [0]))),
  broadcastTo: unary((x) => square(broadcastTo(x, [2, ...x.shape]))),
  sumTo: unary((x) => square(sumTo(broadcastTo(x, [3, ...x.shape]), x.shape))),
  slice: unary((x) =>
    square(
      slice(
        x,
        x.shape.map((n) => (n > 1 ? 1 : 0)),
        x.shape.map((n) => Math.max(1, n - 1)),
      ),
    ),
  ),
  pad: unary((x) =>
    square(
      pad(
        x,
        x.shape.map(() => 1),
        x.shape.map((_, i) => i),
      ),
    ),
  ),
  concat: unary((x) => square(concat([x, exp(x), x], 0))),
  matmul: fc
    .record({
      m: extent,
      k: extent,
      n: extent,
      batch: extent,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      kind: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ m, k, n, batch, transposeA, transposeB, kind }) => ({
      shapes: [
        [...(kind > 0 ? [batch] : []), ...(transposeA ? [k, m] : [m, k])],
        [...(kind > 1 ? [batch] : []), ...(transposeB ? [n, k] : [k, n])],
      ],
      apply: (a: Tensor, b: Tensor) => matmul(a, b, { transposeA, transposeB }),
    })),
  linear: fc.record({ n: extent, i: extent, o: extent }).map(({ n, i, o }) => ({
    shapes: [[2, n, i], [o, i], [o]],
    apply: (x: Tensor, w: Tensor, b: Tensor) => linear(x, w, b),
  })),
  conv: convCase.map(({ x, w, options }) => ({ shapes: [x, w], apply: (a: Tensor, b: Tensor) => conv(a, b, options) })),
  convInputGradient: convCase.map(({ x, w, options }) => {
    const y = conv(input("x", x), input("w", w), options);
    return { shapes: [y.shape, w], apply: (a: Tensor, b: Tensor) => convInputGradient(a, b, x, geometryOf(y)) };
  }),
  convFilterGradient: convCase.map(({ x, w, options }) => {
    const y = conv(input("x", x), input("w", w), options);
    return { shapes: [x, y.shape], apply: (a: Tensor, b: Tensor) => convFilterGradient(a, b, w, geometryOf(y)) };
  }),
  avgPool: fc.tuple(extent, extent, extent).map(([c, h, w]) => ({
    shapes: [[2, c, 2 * h, 2 * w]],
    apply: (x: Tensor) => square(avgPool(x, 2)),
  })),
  enlarge: fc
    .tuple(extent, extent, extent)
    .map(([c, h, w]) => ({ shapes: [[1, c, h, w]], apply: (x: Tensor) => square(enlarge(x, 2)) })),
};

/** Numbers away from 0 (|x| in [.2, 1.2]) and from each other's exact values, so that no central difference crosses a kink. */
function drawValues(size: number, positive: boolean, next: () => number): Float64Array {
  return Float64Array.from({ length: size }, () => (positive || next() < 0.5 ? 1 : -1) * (0.2 + next()));
}

function generator(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
}

const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));

/** ‖analytic − central difference‖ relative to the size of the numbers that were subtracted. */
function checkGradient(
  inputs: Record<string, Tensor>,
  scalarOutput: Tensor,
  gradients: Record<string, Tensor>,
  values: Arrays,
): number {
  const f = graph(inputs, { y: scalarOutput });
  const analytic = interpret(graph(inputs, gradients), values);
  const h = 1e-5;
  let worst = 0;
  for (const name of Object.keys(gradients)) {
    const base = values[name]!;
    const numeric = Float64Array.from(base.data, (_, i) => {
      const at = (d: number): number => {
        const data = Float64Array.from(base.data);
        data[i]! += d;
        return interpret(f, { ...values, [name]: { shape: base.shape, data } }).y!.data[0]!;
      };
      return (at(h) - at(-h)) / (2 * h);
    });
    const difference = norm(numeric.map((v, i) => v - analytic[name]!.data[i]!));
    worst = Math.max(worst, difference / Math.max(norm(numeric), 1e-2));
  }
  return worst;
}

describe(`derivatives against central differences (RECON_TEST_SEED=${seed})`, () => {
  for (const [name, arbitrary] of Object.entries(table)) {
    test(name, () => {
      fc.assert(
        fc.property(arbitrary, fc.nat(), ({ shapes, apply, positive }, valueSeed) => {
          const next = generator(valueSeed);
          const inputs = Object.fromEntries(shapes.map((s, i) => [`x${i}`, input(`x${i}`, s)]));
          const operands = Object.values(inputs);
          const y = apply(...operands);
          const cotangent = input("c", y.shape);
          const names = Object.keys(inputs);
          const values: Record<string, { shape: readonly number[]; data: Float64Array }> = Object.fromEntries(
            shapes.map((s, i) => [`x${i}`, { shape: s, data: drawValues(sizeOf(s), positive ?? false, next) }]),
          );
          values.c = { shape: y.shape, data: drawValues(sizeOf(y.shape), false, next) };
          const first = vjp([y], [cotangent], operands);
          // First order: the gradient of ⟨c, y⟩.
          const named = Object.fromEntries(names.map((n, i) => [n, first[i]!]));
          expect(checkGradient({ ...inputs, c: cotangent }, dot(cotangent, y), named, values)).toBeLessThan(1e-6);
          // Second order: the gradient of ⟨v, first⟩ in the operands and in the cotangent.
          const probes = first.map((g, i) => input(`v${i}`, g.shape));
          probes.forEach((p, i) => {
            values[`v${i}`] = { shape: p.shape, data: drawValues(sizeOf(p.shape), false, next) };
          });
          const contracted = first.map((g, i) => dot(probes[i]!, g)).reduce((a, b) => add(a, b));
          const second = grad(contracted, [...operands, cotangent]);
          const everything = { ...inputs, c: cotangent, ...Object.fromEntries(probes.map((p, i) => [`v${i}`, p])) };
          const seconds = Object.fromEntries([...names, "c"].map((n, i) => [n, second[i]!]));
          expect(checkGradient(everything, contracted, seconds, values)).toBeLessThan(1e-6);
        }),
        { numRuns: cases, seed },
      );
    });
  }
});
