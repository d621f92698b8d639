import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { smallLeNet } from "../fixtures/networks.ts";
import { grad } from "../grad.ts";
import { graph } from "../graph.ts";
import { add, mul, square, sub } from "../ops/arithmetic.ts";
import { greater, toFloat } from "../ops/compare.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { sum, transpose } from "../ops/shape.ts";
import { type NdArray, sizeOf } from "../tensor.ts";
import { onnxruntime } from "./onnxruntime.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const vector = (...data: number[]): NdArray => ({ shape: [data.length], data: Float32Array.from(data) });

/** Frees what JavaScript no longer holds, so that what is left belongs to someone. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

const columnSum = (square: Float32Array | Float64Array, column: number): number => {
  const extent = Math.sqrt(square.length);
  return Array.from({ length: extent }, (_, i) => square[i * extent + column]!).reduce((a, b) => a + b);
};

const sumAndProduct = () => {
  const a = input("a", [2]);
  const b = input("b", [2]);
  return graph({ a, b }, { sum: add(a, b), product: mul(a, b) });
};

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof EngineError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
};

describe("onnxruntime", () => {
  test("computes named outputs from named inputs", async () => {
    const program = await executor.compile(sumAndProduct());
    const { sum: total, product } = await program.run({ a: vector(1, 2), b: vector(3, 5) });
    expect(total).toEqual(vector(4, 7));
    expect(product).toEqual(vector(3, 10));
  });

  test("returns arrays in the program's precision, whatever it was fed", async () => {
    const program = await executor.compile(sumAndProduct(), { precision: "float64" });
    const { sum: total } = await program.run({ a: vector(1, 2), b: { shape: [2], data: Float64Array.of(1e-12, 0) } });
    expect(total!.data).toEqual(Float64Array.of(1 + 1e-12, 2));
  });

  test("rounds no number to float32 in a float64 program, a scaled product's neither", async () => {
    const a = input("a", [1, 1, 1]);
    const g = graph({ a }, { y: matmul(mul(a, 0.1), transpose(mul(a, 1 / 3), [0, 2, 1])) });
    const program = await executor.compile(g, { precision: "float64", optimise: false });
    const { y } = await program.run({ a: { shape: [1, 1, 1], data: Float64Array.of(1) } });
    expect(Math.abs(y!.data[0]! - 0.1 / 3)).toBeLessThan(1e-17);
  });

  test("takes integers and truth values, and returns them as integers", async () => {
    const n = input("n", [3], "int");
    const b = input("b", [3], "bool");
    const program = await executor.compile(graph({ n, b }, { n, larger: greater(toFloat(n), toFloat(b)) }));
    const outputs = await program.run({
      n: { shape: [3], data: Int32Array.of(-4, 1, 2 ** 31 - 1) },
      b: { shape: [3], data: Int32Array.of(0, 1, 1) },
    });
    expect(outputs.n!.data).toEqual(Int32Array.of(-4, 1, 2 ** 31 - 1));
    expect(outputs.larger!.data).toEqual(Int32Array.of(0, 0, 1));
  });

  test("folds constants in and no longer takes them", async () => {
    const program = await executor.compile(sumAndProduct(), { constants: { b: vector(10, 20) } });
    expect((await program.run({ a: vector(1, 2) })).sum).toEqual(vector(11, 22));
    expect(await codeOf(() => program.run({ a: vector(1, 2), b: vector(1, 2) }))).toMatch(/^unknown-input: .*"b"/);
  });

  test.each(["float32", "float64"] as const)(
    "large %s constants are taken as they were when compiled",
    async (precision) => {
      const extent = 300;
      const shape = [extent, extent];
      const numbers = Array.from({ length: extent ** 2 }, (_, i) => i % 7);
      const data = precision === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
      const [a, b] = [input("a", [1, extent]), input("b", shape)];
      const g = graph({ a, b }, { scaled: mul(b, a), product: matmul(a, b) });
      const program = await executor.compile(g, { precision, constants: { b: { shape, data } } });
      const ones = { shape: [1, extent], data: new Float32Array(extent).fill(1) };
      const expected = { b: Array.from(data), product: Array.from({ length: extent }, (_, j) => columnSum(data, j)) };
      // What the caller does with the array afterwards is the caller's business.
      data.fill(Number.NaN);
      const { scaled, product } = await program.run({ a: ones });
      await program.dispose();
      expect(Array.from(scaled!.data)).toEqual(expected.b);
      expect(Array.from(product!.data)).toEqual(expected.product);
    },
  );

  test("keeps the signature: an input that no output needs is still asked for", async () => {
    const a = input("a", [1]);
    const program = await executor.compile(graph({ a, unused: input("unused", [4]) }, { twice: mul(a, 2) }));
    expect(await codeOf(() => program.run({ a: vector(1) }))).toMatch(/^missing-input: .*"unused"/);
    expect((await program.run({ a: vector(3), unused: vector(0, 0, 0, 0) })).twice).toEqual(vector(6));
  });

  test("outputs may be inputs, constants and each other, under any name", async () => {
    const a = input("a b/ü", [1]);
    const g = graph({ "a b/ü": a }, { "": a, o0: mul(a, 2), i0: mul(a, 2), zero: mul(a, 0) });
    const outputs = await (await executor.compile(g)).run({ "a b/ü": vector(7) });
    expect(Object.fromEntries(Object.entries(outputs).map(([k, v]) => [k, v.data[0]]))).toEqual({
      "": 7,
      o0: 14,
      i0: 14,
      zero: 0,
    });
  });

  test("names what is wrong with the inputs", async () => {
    const program = await executor.compile(sumAndProduct());
    expect(await codeOf(() => program.run({ a: vector(1, 2) }))).toMatch(/^missing-input: Input "b" is missing/);
    expect(await codeOf(() => program.run({ a: vector(1, 2), b: vector(1, 2), c: vector(1) }))).toMatch(
      /^unknown-input: There is no input "c"/,
    );
    expect(await codeOf(() => program.run({ a: vector(1, 2), b: vector(1, 2, 3) }))).toMatch(
      /^wrong-shape: Input "b" has shape \[3\].*\[2\]/,
    );
    expect(await codeOf(() => program.run({ a: vector(1, 2), b: { shape: [2], data: Float32Array.of(1) } }))).toMatch(
      /^wrong-size: Input "b"/,
    );
    expect(await codeOf(() => executor.compile(sumAndProduct(), { constants: { z: vector(1) } }))).toMatch(
      /^unknown-input: .*"z"/,
    );
    expect(await codeOf(() => executor.compile(sumAndProduct(), { constants: { a: vector(1) } }))).toMatch(
      /^wrong-shape: .*"a"/,
    );
  });

  test("names numbers that an input's type does not have", async () => {
    const [n, b, x] = [input("n", [2], "int"), input("b", [2], "bool"), input("x", [2])];
    const program = await executor.compile(graph({ n, b, x }, { n, b, x }));
    const good = { n: vector(1, -2), b: vector(0, 1), x: vector(0.5, Number.NaN) };
    expect((await program.run(good)).n!.data).toEqual(Int32Array.of(1, -2));
    for (const [name, data] of [
      ["n", Float32Array.of(1, 0.5)],
      ["n", Float64Array.of(1, Number.NaN)],
      ["b", Float32Array.of(0, 2)],
      ["x", BigInt64Array.of(1n, 2n)],
      ["x", ["1", "2"]],
    ] as const) {
      const inputs = { ...good, [name]: { shape: [2], data: data as unknown as Float32Array } };
      expect(await codeOf(() => program.run(inputs))).toMatch(new RegExp(`^wrong-dtype: Input "${name}"`));
    }
  });

  test("computes the same without an arena", async () => {
    const own = onnxruntime({ threads: 1, arena: false });
    const program = await own.compile(sumAndProduct());
    expect((await program.run({ a: vector(1, 2), b: vector(3, 5) })).product).toEqual(vector(3, 10));
    await own.dispose();
  });

  test("refuses to run what was disposed of", async () => {
    const own = onnxruntime({ threads: 1 });
    const first = await own.compile(sumAndProduct());
    const second = await own.compile(sumAndProduct());
    await first.dispose();
    await first.dispose();
    const inputs = { a: vector(1, 2), b: vector(3, 4) };
    expect(await codeOf(() => first.run(inputs))).toMatch(/^disposed: /);
    expect((await second.run(inputs)).sum).toEqual(vector(4, 6));
    await own.dispose();
    expect(await codeOf(() => second.run(inputs))).toMatch(/^disposed: /);
    expect(await codeOf(() => own.compile(sumAndProduct()))).toMatch(/^disposed: /);
  });

  test("programs of equal graphs share one compilation, others do not", async () => {
    const own = onnxruntime({ threads: 1 });
    const first = await own.compile(sumAndProduct());
    const twin = await own.compile(sumAndProduct());
    expect(twin.statistics).toBe(first.statistics);
    const other = await own.compile(sumAndProduct(), { precision: "float64" });
    expect(other.statistics).not.toBe(first.statistics);
    const [three, four] = [
      await own.compile(sumAndProduct(), { constants: { b: vector(3, 3) } }),
      await own.compile(sumAndProduct(), { constants: { b: vector(4, 4) } }),
    ];
    expect((await three.run({ a: vector(1, 1) })).sum).toEqual(vector(4, 4));
    expect((await four.run({ a: vector(1, 1) })).sum).toEqual(vector(5, 5));
    await own.dispose();
  });

  test("programs that nobody uses are dropped, oldest first", async () => {
    const own = onnxruntime({ threads: 1, idlePrograms: 1 });
    const first = await own.compile(sumAndProduct());
    const second = await own.compile(sumAndProduct(), { precision: "float64" });
    await first.dispose();
    await second.dispose();
    expect((await own.compile(sumAndProduct(), { precision: "float64" })).statistics).toBe(second.statistics);
    expect((await own.compile(sumAndProduct())).statistics).not.toBe(first.statistics);
    await own.dispose();
  });

  test("says which device does not load", async () => {
    const own = onnxruntime({ device: "no-such-device" });
    expect(await codeOf(() => own.compile(sumAndProduct()))).toMatch(/^runtime: .*"no-such-device"/);
    await own.dispose();
  });

  test("runs overlap without mixing", async () => {
    const program = await executor.compile(sumAndProduct());
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => program.run({ a: vector(i, i), b: vector(1, 2) })),
    );
    results.forEach((outputs, i) => {
      expect(outputs.sum).toEqual(vector(i + 1, i + 2));
    });
  });

  test("a run that was started comes back, though the program is disposed of meanwhile", async () => {
    const own = onnxruntime({ threads: 1, idlePrograms: 0 });
    const program = await own.compile(sumAndProduct());
    const running = program.run({ a: vector(1, 2), b: vector(3, 4) });
    await program.dispose();
    expect((await running).sum).toEqual(vector(4, 6));
    await own.dispose();
  });

  test("two inputs that were made under one name are two inputs", async () => {
    const [first, second] = [input("x", [1]), input("x", [1])];
    const program = await executor.compile(graph({ first, second }, { difference: sub(first, second) }));
    expect((await program.run({ first: vector(5), second: vector(3) })).difference).toEqual(vector(2));
  });

  test("memory does not grow over runs and over compilations", async () => {
    const { x, parameters, logits } = smallLeNet(1);
    const gradient = grad(sum(square(grad(sum(logits), [x])[0]!)), [x])[0]!;
    const g = graph({ x, ...parameters }, { gradient });
    const arrays = Object.fromEntries(
      Object.entries(g.inputs).map(([name, node]) => [
        name,
        { shape: node.shape, data: new Float32Array(sizeOf(node.shape)).fill(0.1) },
      ]),
    );
    const own = onnxruntime({ threads: 1, idlePrograms: 0 });
    const program = await own.compile(g);
    const wide = input("wide", [2 ** 18]);
    const copying = await own.compile(graph({ wide }, { next: add(wide, 1) }));
    const megabyte = { wide: { shape: [2 ** 18], data: new Float32Array(2 ** 18) } };
    const a = input("a", [600, 600]);
    const square600 = { shape: [600, 600], data: new Float32Array(360_000) };
    let compilations = 0;
    const round = async (): Promise<number> => {
      for (let i = 0; i < 100; i++) await program.run(arrays);
      for (let i = 0; i < 60; i++) await copying.run(megabyte);
      for (let i = 0; i < 30; i++) {
        // Other constants every time, so that a program that stays in the cache is not found there again.
        square600.data[0] = ++compilations;
        const other = await own.compile(graph({ a }, { y: matmul(a, a) }), { constants: { a: square600 } });
        await other.run({});
        await other.dispose();
      }
      collectGarbage();
      return process.memoryUsage.rss() / 2 ** 20;
    };
    for (let i = 0; i < 3; i++) await round();
    const rounds: number[] = [];
    for (let i = 0; i < 8; i++) rounds.push(await round());
    await own.dispose();
    // Allocators keep more at one time than at another, so the least of each half is compared. From one half to the other are four rounds or more: a
    // leak of the constants of a compilation would add 170 MB, one of the outputs or inputs of a run 240 MB.
    const growth = Math.min(...rounds.slice(4)) - Math.min(...rounds.slice(0, 4));
    expect(growth, `MB after each round: ${rounds.map((mb) => mb.toFixed(0))}`).toBeLessThan(50);
  }, 240_000);
});
