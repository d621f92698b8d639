import type { NdArray } from "@recon/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matrix } from "../linear-algebra/matrix.ts";
import type { Domain } from "../problem.ts";
import { rng } from "../random.ts";
import { referenceDomain } from "../testing/planted-case.ts";
import { floorOf } from "./floor.ts";
import { bootstrap, pairedBootstrap } from "./interval.ts";
import { judge } from "./judge.ts";
import { assign } from "./match.ts";

describe("assign", () => {
  it("finds an assignment known by hand", () => {
    // Minimum 5 = 1 + 2 + 2, where taking the least of each row would use column 1 twice.
    expect(Array.from(assign(matrix(3, 3, [4, 1, 3, 2, 0, 5, 3, 2, 2])))).toEqual([1, 0, 2]);
    expect(Array.from(assign(matrix(1, 3, [5, 4, 6])))).toEqual([1]);
    expect(Array.from(assign(matrix(3, 1, [5, 4, 6])))).toEqual([-1, 0, -1]);
    expect(Array.from(assign(matrix(0, 0)))).toEqual([]);
  });

  it("is as cheap as the best of all assignments, for drawn rectangles", () => {
    const best = (cost: number[][], used: Set<number>, row = 0): number => {
      if (row === cost.length) return 0;
      const options = cost[row]!.flatMap((value, j) => {
        if (used.has(j)) return [];
        const rest = best(cost, new Set([...used, j]), row + 1);
        return [value + rest];
      });
      return Math.min(...options);
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        fc.integer(),
        (n, extra, tall, seed) => {
          const r = rng(seed);
          const small = Array.from({ length: n }, () =>
            Array.from({ length: n + extra }, () => (r.integer(3) === 0 ? r.integer(3) : 10 * r.normal())),
          );
          const expected = best(small, new Set());
          const wide = matrix(n, n + extra, small.flat());
          const flipped = matrix(
            n + extra,
            n,
            Array.from({ length: n * (n + extra) }, (_, at) => small[at % n]![Math.floor(at / n)]!),
          );
          const cost = tall ? flipped : wide;
          const columns = Array.from(assign(cost));
          const taken = columns.filter((j) => j >= 0);
          expect(new Set(taken).size).toBe(n);
          expect(taken).toHaveLength(n);
          const total = columns.reduce((sum, j, i) => sum + (j < 0 ? 0 : cost.data[i * cost.cols + j]!), 0);
          expect(total).toBeCloseTo(expected, 9);
        },
      ),
    );
  });

  it("refuses costs that are not finite, with their place", () => {
    expect(() => assign(matrix(2, 2, [0, 1, Number.NaN, 2]))).toThrow(/row 1, column 0 is NaN/);
  });
});

describe("bootstrap", () => {
  it("covers the true mean about as often as it says", () => {
    const r = rng("coverage");
    const covered = Array.from({ length: 300 }, (_, trial) => {
      const { bounds } = bootstrap(Array.from({ length: 40 }, r.normal), { rng: r.split(`${trial}`), resamples: 500 });
      return bounds![0] <= 0 && 0 <= bounds![1] ? 1 : 0;
    }).reduce<number>((a, b) => a + b, 0);
    expect(covered / 300).toBeGreaterThan(0.89);
    expect(covered / 300).toBeLessThan(0.98);
  });

  it("repeats itself, narrows by pairing, and says nothing of the spread of one value", () => {
    const r = rng(2);
    const shared = Array.from({ length: 30 }, () => 10 * r.normal());
    const a = shared.map((x) => x + 1 + 0.1 * r.normal());
    const b = shared.map((x) => x + 0.1 * r.normal());
    const paired = pairedBootstrap(a, b, { rng: rng(3) });
    expect(paired).toEqual(pairedBootstrap(a, b, { rng: rng(3) }));
    expect(paired.bounds![0]).toBeGreaterThan(0.9);
    expect(paired.bounds![1]).toBeLessThan(1.1);
    const alone = bootstrap(a, { rng: rng(3) });
    expect(alone.bounds![1] - alone.bounds![0]).toBeGreaterThan(10 * (paired.bounds![1] - paired.bounds![0]));
    expect(bootstrap([4], { rng: rng(1) })).toEqual({ mean: 4, bounds: null, count: 1 });
    expect(() => bootstrap([], { rng: rng(1) })).toThrow(/no values/);
    expect(() => bootstrap([1, Number.NaN], { rng: rng(1) })).toThrow(/value 1 is NaN/);
    expect(() => pairedBootstrap([1], [1, 2], { rng: rng(1) })).toThrow(/1 values cannot be paired with 2/);
  });
});

describe("judge", () => {
  const error = (a: NdArray, b: NdArray): number =>
    Array.from(a.data).reduce((sum, x, i) => sum + Math.abs(x - b.data[i]!), 0);
  const domain: Domain = {
    name: "pairs",
    options: {},
    lower: { shape: [], data: new Float64Array([-10]) },
    upper: { shape: [], data: new Float64Array([10]) },
    metrics: [
      { name: "closeness", unit: "", better: "higher", perfect: 0, invariances: [], score: (a, b) => -error(a, b) },
      { name: "error", unit: "", better: "lower", perfect: 0, invariances: [], score: error },
    ],
    blind: (shape) => ({ shape, data: new Float64Array(2) }),
    render: async () => [],
  };
  const batch = (rows: readonly (readonly number[])[]): NdArray => ({
    shape: [rows.length, 2],
    data: Float64Array.from(rows.flat()),
  });
  const truth = {
    input: batch([
      [1, 1],
      [5, 5],
      [9, 9],
    ]),
    target: batch([
      [0, 0],
      [0, 0],
      [0, 0],
    ]),
    ids: ["a", "b", "c"],
  };

  it("matches items whatever their order, and sets the floor beside the score", () => {
    const items = judge(
      {
        input: batch([
          [9, 8],
          [1, 1],
          [5, 6],
        ]),
      },
      truth,
      domain,
    );
    expect(items.map((item) => [item.id, item.place])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 0],
    ]);
    expect(items.map((item) => item.metric)).toEqual([
      { closeness: -0, error: 0 },
      { closeness: -1, error: 1 },
      { closeness: -1, error: 1 },
    ]);
    expect(items.map((item) => item.floor.scores.error)).toEqual([2, 10, 18]);
  });

  it("gives one estimate to one truth only", () => {
    const items = judge(
      {
        input: batch([
          [5, 5],
          [5, 5],
          [5, 5],
        ]),
      },
      truth,
      domain,
    );
    expect(items.map((item) => item.place).sort()).toEqual([0, 1, 2]);
    expect(items.map((item) => item.metric.error)).toEqual([8, 0, 8]);
  });

  it("lets the blind guess stand in for what was not found, and ignores what is too much", () => {
    const few = judge({ input: batch([[9, 9]]) }, truth, domain);
    expect(few.map((item) => item.place)).toEqual([-1, -1, 0]);
    expect(few[0]!.metric).toEqual(few[0]!.floor.scores);
    const many = judge(
      {
        input: batch([
          [0, 9],
          [1, 1],
          [9, 9],
          [5, 5],
          [7, 0],
        ]),
      },
      truth,
      domain,
    );
    expect(many.map((item) => item.place)).toEqual([1, 3, 2]);
  });

  it("gives an estimate that is not a number to whom it harms least, and keeps its score", () => {
    const items = judge(
      {
        input: batch([
          [Number.NaN, 1],
          [1, 1],
          [9, 9],
        ]),
      },
      truth,
      domain,
    );
    expect(items.map((item) => item.place)).toEqual([1, 0, 2]);
    expect(items[1]!.metric.error).toBeNaN();
  });

  it("refuses estimates of another shape and domains without a metric", () => {
    expect(() => judge({ input: { shape: [3, 1], data: new Float64Array(3) } }, truth, domain)).toThrow(
      /items of shape \[1\], and the truth/,
    );
    expect(() => judge({}, truth, domain)).toThrow(/holds no input/);
    expect(() => judge({ input: truth.input }, truth, { ...domain, metrics: [] })).toThrow(/no metric/);
  });
});

describe("metrics of targets", () => {
  const gap = (a: NdArray, b: NdArray): number => Math.abs(a.data[0]! - b.data[0]!);
  const one = (...values: number[]): NdArray => ({ shape: [values.length, 1], data: Float64Array.from(values) });
  const domain: Domain = {
    ...referenceDomain([1]),
    metrics: [
      { name: "x", unit: "", better: "lower", perfect: 0, invariances: [], score: gap },
      { name: "y", of: "target", unit: "", better: "lower", perfect: 0, invariances: [], score: gap },
    ],
    blind: (shape) => ({ shape, data: Float64Array.of(0) }),
    blindTarget: (shape) => ({ shape, data: Float64Array.of(10) }),
  };
  const truth = { input: one(1, 2), target: one(3, 4), ids: ["a", "b"] };

  it("go with the input that was matched", () => {
    const items = judge({ input: one(2, 1), target: one(4.5, 3) }, truth, domain);
    expect(items.map(({ metric }) => metric)).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0.5 },
    ]);
    expect(items.map(({ floor }) => floor.scores)).toEqual([
      { x: 1, y: 7 },
      { x: 2, y: 6 },
    ]);
  });

  it("are NaN where the solution says nothing of the targets", () => {
    expect(judge({ input: one(1, 2) }, truth, domain)[0]!.metric).toEqual({ x: 0, y: Number.NaN });
    expect(judge({ input: one(1, 2), target: one(3) }, truth, domain)[1]!.metric.y).toBeNaN();
  });

  it("take the better of the blind guess and the one that came with the item as the floor", () => {
    const near = { name: "the record before", input: one(0.9), target: one(5) };
    const far = { name: "the record before", input: one(-9), target: one(3) };
    const guesses = [near, far].map(({ name, ...said }) => ({
      name,
      input: { shape: [1], data: said.input.data },
      target: { shape: [1], data: said.target.data },
    }));
    const [first, second] = judge({ input: one(1, 2), target: one(3, 4) }, { ...truth, guesses }, domain);
    expect(first!.floor.name).toBe("the record before");
    expect(first!.floor.scores.y).toBe(2);
    expect(second!.floor.name).toBe("blind guess");
  });
});

describe("floorOf", () => {
  const domain: Domain = {
    ...referenceDomain([3, 3]),
    padding: -1,
    blind: (shape) => ({ shape, data: new Float64Array(shape.reduce((size, extent) => size * extent, 1)) }),
  };

  it("guesses at the item's own extents, without what it is filled up with", () => {
    const item = { shape: [3, 3], data: Float64Array.of(4, -1, -1, 4, 4, -1, -1, -1, -1) };
    expect(floorOf({ input: item }, domain).input.shape).toEqual([2, 2]);
    const inside = { shape: [3, 3], data: Float64Array.of(-1, -1, -1, -1, -1, 4, -1, -1, -1) };
    expect(floorOf({ input: inside }, domain).input.shape).toEqual([2, 3]);
  });

  it("guesses at the extents of the batch where nothing is left, or there is no padding", () => {
    const empty = { shape: [3, 3], data: new Float64Array(9).fill(-1) };
    expect(floorOf({ input: empty }, domain).input.shape).toEqual([3, 3]);
    const { padding: _, ...plain } = domain;
    expect(floorOf({ input: empty }, plain).input.shape).toEqual([3, 3]);
  });
});
