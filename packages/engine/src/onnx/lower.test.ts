import { describe, expect, test } from "vitest";
import { graph } from "../graph.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { constant, input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { tanh } from "../ops/unary.ts";
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
});

describe("lower", () => {
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

  test("the same graph gives the same bytes", () => {
    const build = () => {
      const x = input("x", [3]);
      return lower(graph({ x }, { y: tanh(mul(x, 2)) }), { precision: "float64" }).bytes;
    };
    expect(build()).toEqual(build());
  });
});
