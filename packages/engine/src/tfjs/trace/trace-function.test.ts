import type { Tensor1D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Graph } from "../../graph.ts";
import { interpret } from "../../interpret.ts";
import { activate, tf } from "../fixtures/backends.ts";
import { distance, numbers } from "../fixtures/numbers.ts";
import type { TfjsTensor } from "../tfjs.ts";
import { traceFunction } from "./trace-function.ts";

const four = (x: TfjsTensor): Tensor4D => x as Tensor4D;

const image = [2, 7, 6, 3];
const kernel = (...shape: number[]): Tensor4D => four(tf.tensor(numbers(shape, 5).data, shape));

/** Functions of a tensor x with their input shape; each runs on the cpu backend and as a traced graph. */
const functions: Readonly<Record<string, readonly [readonly number[], (x: TfjsTensor) => TfjsTensor]>> = {
  arithmetic: [[2, 3], (x) => tf.div(tf.sub(tf.mul(x, 2), tf.add(x, tf.scalar(1))), tf.neg(tf.square(x)))],
  broadcasting: [[2, 3], (x) => tf.add(tf.reshape(x, [2, 1, 3]), tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]))],
  "powers and roots": [
    [5],
    (x) => tf.addN([tf.pow(tf.abs(x), 1.5), tf.sqrt(tf.abs(x)), tf.rsqrt(tf.abs(x)), tf.reciprocal(x)]),
  ],
  exponentials: [[5], (x) => tf.addN([tf.exp(x), tf.expm1(x), tf.log(tf.abs(x)), tf.log1p(tf.abs(x)), tf.softplus(x)])],
  circular: [
    [5],
    (x) => tf.addN([tf.sin(x), tf.cos(x), tf.tan(x), tf.atan(x), tf.asin(tf.mul(x, 0.5)), tf.acos(tf.mul(x, 0.5))]),
  ],
  hyperbolic: [[5], (x) => tf.addN([tf.sinh(x), tf.cosh(x), tf.tanh(x), tf.erf(x), tf.sigmoid(x)])],
  rectifiers: [
    [3, 4],
    (x) =>
      tf.addN([
        tf.relu(x),
        tf.relu6(tf.mul(x, 8)),
        tf.elu(x),
        tf.selu(x),
        tf.leakyRelu(x, 0.3),
        tf.prelu(x, tf.tensor1d([0.1, 0.2, 0.3, 0.4])),
      ]),
  ],
  steps: [
    [6],
    (x) =>
      tf.addN([tf.round(tf.mul(x, 3)), tf.floor(tf.mul(x, 3)), tf.ceil(tf.mul(x, 3)), tf.sign(x), tf.step(x, 0.2)]),
  ],
  choices: [
    [3, 4],
    (x) =>
      tf.where(
        tf.logicalAnd(tf.greater(x, 0), tf.lessEqual(x, 1)),
        tf.clipByValue(x, -0.5, 0.5),
        tf.maximum(x, tf.minimum(x, -0.7)),
      ),
  ],
  comparisons: [
    [6],
    (x) => tf.cast(tf.logicalOr(tf.logicalNot(tf.less(x, 0.5)), tf.notEqual(x, tf.greaterEqual(x, 0))), "float32"),
  ],
  reductions: [
    [2, 3, 4],
    (x) => tf.addN([tf.sum(x, 1), tf.mean(x, 1), tf.max(x, [1]), tf.min(x, -2), tf.logSumExp(x, 1)]),
  ],
  "all axes": [[2, 3], (x) => tf.add(tf.sum(x), tf.mean(x))],
  moments: [[2, 3, 4], (x) => tf.add(tf.moments(x, [0, 2]).variance, tf.moments(x, [0, 2]).mean)],
  softmax: [[2, 5], (x) => tf.add(tf.softmax(x), tf.logSoftmax(x))],
  "cross-entropy": [[2, 3], (x) => tf.losses.softmaxCrossEntropy(tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]), x)],
  "mean squared error": [[2, 3], (x) => tf.losses.meanSquaredError(tf.ones([2, 3]), x)],
  movement: [
    [2, 3, 4],
    (x) => tf.transpose(tf.concat([tf.expandDims(tf.squeeze(tf.slice(x, [0, 1, 0], [2, 1, 4])), 1), x], 1), [2, 0, 1]),
  ],
  repetition: [[2, 3], (x) => tf.add(tf.tile(x, [2, 2]), tf.broadcastTo(tf.slice(x, [0, 0], [1, 1]), [4, 6]))],
  pieces: [
    [2, 6],
    (x) =>
      tf.stack(
        [...tf.split(x, 3, 1), ...tf.split(x, [2, 2, 2], -1)].map((part, i) => tf.mul(part, i)),
        1,
      ),
  ],
  unstacking: [[3, 4], (x) => tf.stack(tf.unstack(x, 1).reverse(), -1)],
  padding: [
    [2, 3],
    (x) =>
      tf.concat(
        [
          tf.pad(x, [
            [1, 0],
            [2, 1],
          ]),
          tf.pad(
            x,
            [
              [1, 0],
              [2, 1],
            ],
            7,
          ),
        ],
        0,
      ),
  ],
  mirrors: [
    [3, 4],
    (x) =>
      tf.add(
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [0, 3],
          ],
          "reflect",
        ),
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [0, 3],
          ],
          "symmetric",
        ),
      ),
  ],
  strides: [
    [5, 6],
    (x) =>
      tf.add(
        tf.stridedSlice(x, [0, 1], [5, 6], [2, 2]),
        tf.reverse(tf.stridedSlice(x, [4, 5], [-6, 0], [-2, -2]), [1]),
      ),
  ],
  "cumulative sums": [[3, 4], (x) => tf.add(tf.cumsum(x, 0), tf.cumsum(x, 1, true, true))],
  indices: [
    [4, 3],
    (x) =>
      tf.add(tf.gather(x, tf.tensor1d([3, 0, 3, 1], "int32")), tf.oneHot(tf.tensor1d([2, 0, 1, 2], "int32"), 3, 5, -1)),
  ],
  positions: [[4, 3], (x) => tf.mul(tf.oneHot(tf.argMax(x, 1), 3), x)],
  "made inside": [
    [3],
    (x) => tf.addN([x, tf.zerosLike(x), tf.onesLike(x), tf.fill([3], 2), tf.range(0, 3), tf.zeros([3])]),
  ],
  products: [
    [2, 3, 4],
    (x) => tf.matMul(tf.matMul(x, x, false, true), tf.matMul(tf.ones([3, 2]), tf.ones([3, 2]), false, true)),
  ],
  "fused product": [
    [2, 3],
    (x) =>
      tf.fused.matMul({
        a: x,
        b: tf.ones([4, 3]),
        transposeB: true,
        bias: tf.tensor1d([1, 2, 3, 4]),
        activation: "relu",
      }),
  ],
  dot: [[3], (x) => tf.dot(x, x)],
  convolution: [image, (x) => tf.conv2d(four(x), kernel(3, 2, 3, 4), [2, 1], "same")],
  "dilated convolution": [image, (x) => tf.conv2d(four(x), kernel(3, 2, 3, 4), 1, "valid", "NHWC", [2, 1])],
  "padded convolution": [
    image,
    (x) =>
      tf.conv2d(four(x), kernel(3, 3, 3, 2), 2, [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ]),
  ],
  "one-dimensional convolution": [
    [2, 8, 3],
    (x) => tf.conv1d(x as Tensor3D, tf.tensor3d(numbers([3, 3, 4], 2).data, [3, 3, 4]), 2, "same"),
  ],
  "fused convolution": [
    image,
    (x) =>
      tf.fused.conv2d({
        x: four(x),
        filter: kernel(3, 3, 3, 4),
        strides: 1,
        pad: "same",
        bias: tf.tensor1d([1, 2, 3, 4]),
        activation: "elu",
      }),
  ],
  "depthwise convolution": [image, (x) => tf.depthwiseConv2d(four(x), kernel(3, 3, 3, 2), 2, "same")],
  "separable convolution": [
    image,
    (x) => tf.separableConv2d(four(x), kernel(3, 3, 3, 2), kernel(1, 1, 6, 4), 1, "valid"),
  ],
  "transposed convolution": [
    [2, 3, 4, 3],
    (x) => tf.conv2dTranspose(four(x), kernel(3, 3, 2, 3), [2, 6, 8, 2], 2, "same"),
  ],
  "max pooling": [image, (x) => tf.maxPool(four(x), 3, 2, "same")],
  "average pooling": [image, (x) => tf.add(tf.avgPool(four(x), 3, 2, "same"), tf.avgPool(four(x), [2, 2], 2, "same"))],
  "batch normalisation": [
    image,
    (x) =>
      tf.batchNorm(
        x,
        tf.tensor1d([1, 2, 3]),
        tf.tensor1d([1, 2, 4]),
        tf.tensor1d([3, 2, 1]),
        tf.tensor1d([1, 3, 2]),
        0.01,
      ),
  ],
};

/** The outputs of a graph with one input, in float64. */
const run = (g: Graph, x: ReturnType<typeof numbers>) => interpret(g, { x });

describe("a traced function", () => {
  beforeAll(() => activate("cpu"));

  test.each(Object.entries(functions))("equals the function: %s", (_name, [shape, f]) => {
    const x = numbers(shape, 3);
    const before = tf.memory();
    const g = traceFunction(tf, ({ x: given }) => f(given!), { x: { shape } });
    expect(tf.memory()).toEqual(before);
    expect(tf.getBackend()).toBe("cpu");
    const actual = run(g, x).output!;
    const [expectedShape, expected] = tf.tidy(() => {
      const y = f(tf.tensor(x.data, [...shape]));
      return [y.shape, y.dataSync()] as const;
    });
    expect(actual.shape).toEqual(expectedShape);
    expect(distance(actual.data, expected)).toBeLessThan(2e-6);
  });

  test("has names for several inputs and outputs, and takes integers", () => {
    const g = traceFunction(
      tf,
      ({ table, tokens }) => ({
        rows: tf.gather(table!, tokens as Tensor1D),
        total: tf.sum(table!),
      }),
      { table: { shape: [3, 2] }, tokens: { shape: [2], dtype: "int" } },
    );
    const { rows, total } = interpret(g, {
      table: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
      tokens: { shape: [2], data: Int32Array.of(2, 0) },
    });
    expect(rows!.data).toEqual(Float64Array.of(5, 6, 1, 2));
    expect(total!.data).toEqual(Float64Array.of(21));
  });

  test("sees tensors and variables from outside as constants and leaves them where they are", () => {
    const outside = tf.tensor1d([1, 2]);
    const variable = tf.variable(tf.tensor1d([10, 20]));
    const reshaped = tf.reshape(outside, [2, 1]);
    const g = traceFunction(tf, ({ x }) => tf.add(tf.add(tf.mul(x!, outside), variable), reshaped), {
      x: { shape: [2] },
    });
    expect(run(g, { shape: [2], data: Float32Array.of(1, 1) }).output!.data).toEqual(Float64Array.of(12, 23, 13, 24));
    expect(outside.dataSync()).toEqual(Float32Array.of(1, 2));
    expect(tf.add(variable, 1).dataSync()).toEqual(Float32Array.of(11, 21));
    tf.dispose([outside, variable, reshaped]);
  });
});

describe("what cannot be traced is said, and the backend comes back", () => {
  beforeEach(() => activate("cpu"));
  const inputs = { x: { shape: [2] } };
  const cases: Readonly<Record<string, readonly [string, RegExp, (x: TfjsTensor) => unknown]>> = {
    "a kernel without a rule": [
      "unsupported-op",
      /"Bincount".*src\/tfjs\/trace/,
      () => tf.bincount(tf.tensor1d([1], "int32"), tf.tensor1d([1]), 2),
    ],
    "reading numbers": ["traced-value", /no numbers yet/, (x) => x.dataSync()],
    "assigning to a variable": ["traced-value", /variable/, (x) => tf.variable(x, true, `made inside ${Math.PI}`)],
    "TensorFlow.js's gradients": [
      "gradient-in-trace",
      /grad of @recon\/engine/,
      (x) => tf.grad((y) => tf.sum(tf.tanh(y)))(x),
    ],
    "an asynchronous function": [
      "async-function",
      /promise/,
      async (x) => {
        await null;
        return tf.exp(x);
      },
    ],
    "no tensor": ["not-a-tensor", /no tensor/, () => undefined],
    "a number": ["not-a-tensor", /"a"/, () => ({ a: 1 })],
    "an error of the function": [
      "",
      /^mine$/,
      () => {
        throw new Error("mine");
      },
    ],
  };

  test.each(Object.entries(cases))("%s", async (_name, [code, message, f]) => {
    const { numTensors } = tf.memory();
    let caught: unknown;
    try {
      traceFunction(tf, ({ x }) => f(x!) as TfjsTensor, inputs);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ message: expect.stringMatching(message), ...(code === "" ? {} : { code }) });
    expect(tf.getBackend()).toBe("cpu");
    expect(
      tf
        .engine()
        .backendNames()
        .filter((name) => name.startsWith("recon")),
    ).toEqual([]);
    expect(tf.getKernelsForBackend("recon-trace-0")).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (code !== "traced-value") expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.exp(tf.scalar(0)).dataSync()).toEqual(Float32Array.of(1));
  });

  test("a backend that is still starting", async () => {
    const starting = tf.setBackend("wasm");
    if (!("wasm" in tf.engine().registry)) {
      expect(() => traceFunction(tf, ({ x }) => x!, inputs)).toThrow(
        expect.objectContaining({ code: "backend-not-ready" }),
      );
    }
    await starting;
    await tf.ready();
    expect(traceFunction(tf, ({ x }) => x!, inputs).outputs.output!.op.name).toBe("input");
    expect(tf.getBackend()).toBe("wasm");
  });

  test("a traced tensor that got out of its trace", () => {
    let kept: TfjsTensor | undefined;
    traceFunction(
      tf,
      ({ x }) => {
        kept = tf.keep(tf.exp(x!));
        return kept;
      },
      inputs,
    );
    expect(() => kept!.dataSync()).toThrow(expect.objectContaining({ code: "traced-value" }));
    expect(() => tf.neg(kept!)).toThrow(expect.objectContaining({ code: "traced-value" }));
    expect(() => traceFunction(tf, ({ x }) => tf.add(x!, kept!), inputs)).toThrow(
      expect.objectContaining({ code: "traced-value" }),
    );
  });
});

describe("two traces at a time do not mix", () => {
  beforeEach(() => activate("cpu"));

  test("one inside the other", () => {
    let inner: Graph | undefined;
    const outer = traceFunction(
      tf,
      ({ x }) => {
        const y = tf.exp(x!);
        inner = traceFunction(tf, ({ z }) => tf.mul(z!, 3), { z: { shape: [1] } });
        return tf.add(y, 1);
      },
      { x: { shape: [1] } },
    );
    expect(run(outer, { shape: [1], data: Float32Array.of(0) }).output!.data).toEqual(Float64Array.of(2));
    expect(interpret(inner!, { z: { shape: [1], data: Float32Array.of(2) } }).output!.data).toEqual(Float64Array.of(6));
    expect(tf.getBackend()).toBe("cpu");
  });

  test("a tensor of one used in another", () => {
    expect(() =>
      traceFunction(
        tf,
        ({ x }) => {
          traceFunction(tf, ({ z }) => tf.add(z!, x!), { z: { shape: [1] } });
          return x!;
        },
        { x: { shape: [1] } },
      ),
    ).toThrow(expect.objectContaining({ code: "traced-value", message: expect.stringContaining("another trace") }));
    expect(tf.getBackend()).toBe("cpu");
  });

  test("interleaved with each other and with computing", async () => {
    const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const work = async (n: number): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        const held = tf.scalar(n);
        await pause();
        const g = traceFunction(tf, ({ x }) => tf.add(tf.mul(x!, held), round), { x: { shape: [1] } });
        await pause();
        const square = await tf.tidy(() => tf.square(held)).data();
        expect(square[0]).toBe(n * n);
        expect(run(g, { shape: [1], data: Float32Array.of(10) }).output!.data[0]).toBe(10 * n + round);
        held.dispose();
      }
    };
    await Promise.all([1, 2, 3, 4].map(work));
    expect(tf.getBackend()).toBe("cpu");
  });
});
