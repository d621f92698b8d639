import { afterAll, expect, test } from "vitest";
import { bucketed } from "./buckets.ts";
import { onnxruntime } from "./executors/onnxruntime.ts";
import { graph } from "./graph.ts";
import { div, mul, square } from "./ops/arithmetic.ts";
import { input } from "./ops/leaf.ts";
import { matmul } from "./ops/matmul.ts";
import { reshape, sum } from "./ops/shape.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** Rows x W, and the mean of their squares over the rows that are there. */
const masked = () =>
  bucketed({
    executor,
    rows: ["x", "y"],
    largest: 100,
    build: (size) => {
      const x = input("x", [size, 3]);
      const w = input("w", [3, 2]);
      const mask = input("mask", [size]);
      const y = matmul(x, w);
      const there = mul(square(y), reshape(mask, [size, 1]));
      return graph({ x, w, mask }, { y, mean: div(sum(there), sum(mask)) });
    },
  });

test("any number of rows gives what a program of that size gives, from a handful of programs", async () => {
  const program = masked();
  const w = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  for (const count of [1, 2, 3, 5, 8, 9, 13, 16, 31, 100]) {
    const data = Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(i));
    const { y, mean } = await program.run({ x: { shape: [count, 3], data }, w });
    expect(y!.shape).toEqual([count, 2]);
    const expected = Array.from({ length: 2 * count }, (_, at) => {
      const [i, j] = [Math.floor(at / 2), at % 2];
      return [0, 1, 2].reduce((total, k) => total + data[3 * i + k]! * w.data[2 * k + j]!, 0);
    });
    expected.forEach((value, i) => {
      expect(y!.data[i]).toBeCloseTo(value, 4);
    });
    expect(mean!.data[0]! / (expected.reduce((total, value) => total + value * value, 0) / count)).toBeCloseTo(1, 4);
  }
  expect(program.sizes()).toEqual([1, 2, 4, 8, 16, 32, 128]);
  await program.dispose();
  expect(program.sizes()).toEqual([]);
});

test("no rows, too many rows and unequal numbers of rows are refused", async () => {
  const program = masked();
  const w = { shape: [3, 2], data: new Float32Array(6) };
  const of = (count: number) => ({ x: { shape: [count, 3], data: new Float32Array(3 * count) }, w });
  for (const count of [0, 101]) await expect(program.run(of(count))).rejects.toMatchObject({ code: "bucket" });
  const pair = bucketed({
    executor,
    rows: ["a", "b"],
    build: (size) => {
      const [a, b] = [input("a", [size]), input("b", [size])];
      return graph({ a, b }, { product: sum(mul(a, b)) });
    },
  });
  const line = (count: number) => ({ shape: [count], data: new Float32Array(count).fill(1) });
  await expect(pair.run({ a: line(2), b: line(3) })).rejects.toMatchObject({ code: "bucket" });
  expect((await pair.run({ a: line(3), b: line(3) })).product!.data[0]).toBe(3);
});
