import { describe, expect, test } from "vitest";
import { graph } from "../graph.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { constant, input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/shape.ts";
import { slice } from "../ops/slice.ts";
import { tanh } from "../ops/unary.ts";
import type { Tensor, Tensors } from "../tensor.ts";
import { collector } from "./collector.ts";
import { lower } from "./lower.ts";

describe("collector", () => {
  test("keeps equal constants and equal nodes once", () => {
    const emit = collector("float32");
    expect(emit.float([1, 2], [2])).toBe(emit.float([1, 2], [2]));
    expect(emit.float([1, 2], [2])).not.toBe(emit.float([1, 2], [1, 2]));
    expect(emit.ints([1])).not.toBe(emit.ints([1], []));
    const zeros = new Array<number>(100).fill(0);
    expect(emit.float(zeros, [100])).toBe(emit.float(zeros, [100]));
    expect(emit.node("Tanh", ["x"])).toBe(emit.node("Tanh", ["x"]));
    expect(emit.node("Softmax", ["x"], { axis: { int: 0 } })).not.toBe(
      emit.node("Softmax", ["x"], { axis: { int: 1 } }),
    );
    expect(emit.nodes).toHaveLength(3);
  });

  test("knows what is the same in every run", () => {
    const emit = collector("float64");
    const table = emit.float([1, 2], [2]);
    expect(emit.isConstant(table)).toBe(true);
    expect(emit.isConstant(emit.node("Neg", [table]))).toBe(true);
    expect(emit.isConstant("x")).toBe(false);
    expect(emit.isConstant(emit.node("Add", [table, "x"]))).toBe(false);
  });

  test("rearranges a float32 constant once, and nothing else", () => {
    const emit = collector("float32");
    const table = emit.float([1, 2, 3], [3]);
    let made = 0;
    const turned = (name: string): string | undefined =>
      emit.rearranged(name, "turned", [3], (values) => {
        made++;
        return values.slice().reverse();
      });
    expect(turned(table)).toBe(turned(table));
    expect(made).toBe(1);
    const kept = emit.initialisers.find(({ name }) => name === turned(table))!;
    expect(new Float32Array(kept.bytes.slice().buffer)).toEqual(Float32Array.of(3, 2, 1));
    expect(emit.isConstant(kept.name)).toBe(true);
    expect(turned(emit.node("Neg", [table]))).toBeUndefined();
    expect(turned(emit.ints([1, 2, 3]))).toBeUndefined();
  });
});

describe("lower", () => {
  const kernels = (y: Tensor, outputs: Tensors = {}): number => {
    const inputs = Object.fromEntries([a, b, c, row].map((x) => [x.attributes.name as string, x]));
    return lower(graph(inputs, { y, ...outputs })).nodes;
  };
  const [a, b, c, row] = [input("a", [4, 3]), input("b", [3, 5]), input("c", [4, 5]), input("row", [5])];

  test("a product of matrices adds what is added to it, unless others read it or the sum is larger", () => {
    const product = matmul(a, b);
    expect(kernels(add(product, c))).toBe(1);
    expect(kernels(add(add(row, product), matmul(a, tanh(b))))).toBe(3);
    expect(kernels(add(product, c), { product })).toBe(2);
    expect(kernels(add(matmul(slice(a, [0, 0], [1, 3]), b), c))).toBe(3);
  });

  test("a sum over the number of its terms is one kernel, over any other number two", () => {
    expect(kernels(mul(sum(c, [1], true), 1 / 5))).toBe(1);
    expect(kernels(mul(sum(c), 1 / 20))).toBe(1);
    expect(kernels(mul(sum(c, [0]), 1 / 5))).toBe(2);
    const total = sum(c, [0]);
    expect(kernels(mul(total, 1 / 4), { total })).toBe(2);
  });

  test("takes as inputs only what outputs need and is not constant", () => {
    const [a, b, c] = [input("a", [2]), input("b", [2]), input("c", [2])];
    const lowered = lower(graph({ a, b, c }, { y: add(a, b) }), {
      constants: { b: { shape: [2], data: Float32Array.of(1, 2) } },
    });
    expect(Object.keys(lowered.inputs)).toEqual(["a"]);
    expect(Object.keys(lowered.outputs)).toEqual(["y"]);
    expect(lowered.nodes).toBe(1);
  });

  test("stores weights once and little else", () => {
    const x = input("x", [1, 500]);
    const w = input("w", [500, 500]);
    const weights = { shape: [500, 500], data: new Float32Array(250_000).fill(0.1) };
    const y = tanh(mul(matmul(x, w), constant([3], [])));
    const { bytes } = lower(graph({ x, w }, { y, again: matmul(y, w) }), { constants: { w: weights } });
    expect(bytes.byteLength).toBeGreaterThan(1_000_000);
    expect(bytes.byteLength).toBeLessThan(1_001_000);
  });

  test("returns large constants beside the file, as the arrays that were given", () => {
    const x = input("x", [2]);
    const [w, b] = [input("w", [100, 2]), input("b", [2])];
    const weights = { shape: [100, 2], data: new Float32Array(200).fill(0.1) };
    const g = graph({ x, w, b }, { y: add(mul(w, x), b) });
    const constants = { w: weights, b: { shape: [2], data: Float32Array.of(1, 2) } };
    const { bytes, external } = lower(g, { constants, externalFrom: 100 });
    expect(Object.values(external).map(({ buffer }) => buffer)).toEqual([weights.data.buffer]);
    expect(bytes.byteLength).toBeLessThan(700);
    expect(lower(g, { constants }).external).toEqual({});
  });

  test("slices of one tensor are one cut", () => {
    const x = input("x", [4, 9]);
    const columns = (start: number, count: number) => slice(x, [0, start], [4, count]);
    // One Split into 2 | 2 | 1 | 1 | 3 columns and one Slice for the row; a window that overlaps needs a Slice of its own.
    const pieces = [columns(0, 2), columns(2, 2), columns(5, 1), columns(6, 3), slice(x, [1, 0], [1, 9])];
    const total = pieces.map((piece) => sum(piece)).reduce((a, b) => add(a, b));
    const sums = pieces.length;
    expect(lower(graph({ x }, { total })).nodes).toBe(1 + 1 + sums + 4);
    const overlapping = add(total, sum(columns(1, 3)));
    expect(lower(graph({ x }, { overlapping })).nodes).toBe(1 + 2 + (sums + 1) + 5);
  });

  test("the same graph gives the same bytes", () => {
    const build = () => {
      const x = input("x", [3]);
      return lower(graph({ x }, { y: tanh(mul(x, 2)) }), { precision: "float64" }).bytes;
    };
    expect(build()).toEqual(build());
  });
});
