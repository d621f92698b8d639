import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { perceptron, smallConv, smallLeNet, type TestNetwork } from "../fixtures/networks.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { add, div, dot, mul, neg, sub } from "../ops/arithmetic.ts";
import { greater } from "../ops/compare.ts";
import { constant, input } from "../ops/leaf.ts";
import { reshape, sum } from "../ops/shape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { exp, sqrt } from "../ops/unary.ts";
import type { Arrays, Tensor } from "../tensor.ts";
import { tfjsExecutor } from "./executor.ts";
import { activate, backends, tf } from "./fixtures/backends.ts";
import { distance, numbers } from "./fixtures/numbers.ts";

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** 1 − cosine between the network's gradient and an observed one, and its gradient in x. */
function matching({ x, parameters, logits }: TestNetwork): Graph {
  const target = input("target", logits.shape);
  const names = Object.keys(parameters);
  const gradient = grad(neg(sum(mul(target, logSoftmax(logits)))), Object.values(parameters));
  const observed = names.map((name) => input(`observed/${name}`, parameters[name]!.shape));
  const norm = (tensors: readonly Tensor[]): Tensor => sqrt(total(tensors.map((t) => dot(t, t))));
  const product = total(gradient.map((g, i) => dot(g, observed[i]!)));
  const cosine = sub(1, div(product, mul(norm(gradient), norm(observed))));
  return graph(
    { x, target, ...parameters, ...Object.fromEntries(names.map((name, i) => [`observed/${name}`, observed[i]!])) },
    { cosine, step: grad(cosine, [x])[0]! },
  );
}

function draw(g: Graph): Arrays {
  return Object.fromEntries(
    Object.entries(g.inputs).map(([name, { shape }], k) => {
      const { data } = numbers(shape, k);
      const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
      if (name === "target") return [name, { shape, data: data.map((_, i) => Number(i % 10 === 3)) }];
      return [name, { shape, data: name.startsWith("w") ? data.map((value) => value / Math.sqrt(fanIn)) : data }];
    }),
  );
}

const networks: Readonly<Record<string, () => TestNetwork>> = {
  "LeNet, batch 1": () => smallLeNet(1),
  "LeNet, batch 2": () => smallLeNet(2),
  "convolutions with pooling": () => smallConv(2),
  perceptron: () => perceptron(2, [300, 200, 180, 10]),
};

const runtime = onnxruntime({ threads: 1 });
afterAll(() => runtime.dispose());

describe.each(backends)("on the %s backend", (backend) => {
  beforeAll(() => activate(backend));

  test.each(Object.entries(networks))("a matching step equals ONNX Runtime's: %s", async (_name, network) => {
    const g = matching(network());
    const arrays = draw(g);
    const executor = tfjsExecutor(tf);
    const before = tf.memory().numTensors;
    const [own, reference] = await Promise.all([executor.compile(g), runtime.compile(g)]);
    const [actual, expected] = [await own.run(arrays), await reference.run(arrays)];
    expect(distance(actual.cosine!.data, expected.cosine!.data)).toBeLessThan(1e-5);
    // The gradient of 1 − cosine is a difference of nearly equal terms: what float32 leaves of it is less exact than either term.
    expect(distance(actual.step!.data, expected.step!.data)).toBeLessThan(1e-4);
    await executor.dispose();
    await reference.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("running again and again leaves no tensor behind", async () => {
    const g = matching(perceptron(1, [12, 8, 10]));
    const arrays = draw(g);
    const executor = tfjsExecutor(tf);
    const program = await executor.compile(g);
    const first = await program.run(arrays);
    const { numTensors, numDataBuffers } = tf.memory();
    for (let i = 0; i < 50; i++) expect(await program.run(arrays)).toEqual(first);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    await executor.dispose();
  });
});

describe("the executor", () => {
  beforeAll(() => activate("cpu"));
  const x = input("x", [2, 2]);
  const array = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };

  test("gives results of their own, whatever the caller does with the inputs", async () => {
    const executor = tfjsExecutor(tf);
    const program = await executor.compile(graph({ x }, { same: x, flat: reshape(x, [4]), truths: greater(x, 2) }));
    const given = { shape: [2, 2], data: Float32Array.from(array.data) };
    const pending = program.run({ x: given });
    given.data.fill(9);
    const { same, flat, truths } = await pending;
    expect(same).toEqual(array);
    expect(flat).toEqual({ shape: [4], data: array.data });
    expect(truths).toEqual({ shape: [2, 2], data: Int32Array.of(0, 0, 1, 1) });
    await executor.dispose();
  });

  test("keeps constants and takes the rest", async () => {
    const executor = tfjsExecutor(tf);
    const y = input("y", [2]);
    const g = graph({ x, y }, { z: add(mul(x, y), constant([1, 10], [2])) });
    const program = await executor.compile(g, { constants: { y: { shape: [2], data: Float64Array.of(2, 3) } } });
    expect((await program.run({ x: array })).z!.data).toEqual(Float32Array.of(3, 16, 7, 22));
    await expect(program.run({ x: array, y: { shape: [2], data: new Float32Array(2) } })).rejects.toMatchObject({
      code: "unknown-input",
    });
    await executor.dispose();
  });

  test("refuses what it cannot do, and says so", async () => {
    const executor = tfjsExecutor(tf);
    const g = graph({ x }, { y: exp(x) });
    await expect(executor.compile(g, { precision: "float64" })).rejects.toMatchObject({
      code: "unsupported-precision",
      message: expect.stringContaining("onnxruntime"),
    });
    const strange: Tensor = { ...exp(x), op: { ...exp(x).op, name: "strange" } };
    await expect(executor.compile(graph({ x }, { y: strange }))).rejects.toMatchObject({
      code: "unsupported-op",
      message: expect.stringContaining('"strange"'),
    });
    const program = await executor.compile(g);
    await expect(program.run({})).rejects.toMatchObject({ code: "missing-input" });
    await expect(program.run({ x: { shape: [4], data: array.data } })).rejects.toMatchObject({ code: "wrong-shape" });
    await program.dispose();
    await expect(program.run({ x: array })).rejects.toMatchObject({ code: "disposed" });
    await executor.dispose();
    await expect(executor.compile(g)).rejects.toMatchObject({ code: "disposed" });
  });

  test("says which op failed and frees what it had", async () => {
    const failing = new Proxy(tf, {
      get: (target, key) =>
        key === "exp"
          ? () => {
              throw new Error("out of memory");
            }
          : Reflect.get(target, key),
    });
    const program = await tfjsExecutor(failing).compile(graph({ x }, { y: exp(add(x, x)) }));
    const before = tf.memory().numTensors;
    await expect(program.run({ x: array })).rejects.toMatchObject({
      code: "runtime",
      message: expect.stringMatching(/"exp".*out of memory/),
    });
    expect(tf.memory().numTensors).toBe(before);
    await program.dispose();
  });
});
