import { describe, expect, test } from "vitest";
import { type BatchesOptions, batchesOf } from "./batches.ts";

const data = {
  x: { shape: [5, 2], data: Float32Array.from([0, 1, 10, 11, 20, 21, 30, 31, 40, 41]) },
  label: { shape: [5], data: Int32Array.from([0, 1, 2, 3, 4]) },
};

describe("batchesOf", () => {
  test("gathers rows in the shuffled order, in the type they came in", async () => {
    const batches = batchesOf({
      data,
      batchSize: 2,
      incomplete: "drop",
      shuffle: (n) => Array.from({ length: n }, (_, i) => n - 1 - i),
    });
    expect(batches).toMatchObject({ stepsPerEpoch: 2, weighted: false });
    expect(await batches.at(0, 1)).toEqual({
      arrays: {
        x: { shape: [2, 2], data: Float32Array.of(20, 21, 10, 11) },
        label: { shape: [2], data: Int32Array.of(2, 1) },
      },
      examples: 2,
    });
  });

  test("fills an incomplete batch with examples of weight 0", async () => {
    const batches = batchesOf({ data, batchSize: 3 });
    expect(batches).toMatchObject({ stepsPerEpoch: 2, weighted: true });
    const { arrays, weights, examples } = await batches.at(0, 1);
    expect(arrays.label!.data).toEqual(Int32Array.of(3, 4, 0));
    expect(weights!.data).toEqual(Float32Array.of(1, 1, 0));
    expect(examples).toBe(2);
    expect((await batches.at(0, 0)).weights!.data).toEqual(Float32Array.of(1, 1, 1));
  });

  test("needs no weights where every batch is complete", () => {
    expect(batchesOf({ data, batchSize: 5 })).toMatchObject({ stepsPerEpoch: 1, weighted: false });
  });

  const broken: readonly [string, Partial<BatchesOptions>, string][] = [
    ["a batch larger than the data", { batchSize: 6 }, "bad-option"],
    ["a batch of nothing", { batchSize: 0 }, "bad-option"],
    ["arrays of different lengths", { data: { ...data, y: { shape: [4], data: new Float32Array(4) } } }, "bad-data"],
    ["no examples", { data: { x: { shape: [0, 2], data: new Float32Array(0) } } }, "bad-data"],
    ["no arrays", { data: {} }, "bad-data"],
  ];
  test.each(broken)("refuses %s", (_what, wrong, code) => {
    expect(() => batchesOf({ data, batchSize: 2, ...wrong })).toThrow(expect.objectContaining({ code }));
  });

  test.each([[[0, 1, 2, 3, 3]], [[0, 1, 2, 3]], [[1, 2, 3, 4, 5]], [[0, 1, 2, 3, 3.5]]])(
    "refuses the order %j",
    (order) => {
      const batches = batchesOf({ data, batchSize: 2, shuffle: () => order });
      expect(() => batches.at(0, 0)).toThrow(expect.objectContaining({ code: "bad-permutation" }));
    },
  );
});
