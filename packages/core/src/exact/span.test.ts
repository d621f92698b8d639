import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { norm } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { spanTest } from "./span.ts";

const normals = (rows: number, cols: number, seed: string, std = 1): Matrix => {
  const random = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => std * random.normal()),
  );
};
const stacked = (...parts: readonly Matrix[]): Matrix =>
  matrix(
    parts.reduce((n, { rows }) => n + rows, 0),
    parts[0]!.cols,
    parts.flatMap(({ data }) => Array.from(data)),
  );
const plus = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value, at) => value + b.data[at]!),
  );

/** A vocabulary of candidates of which the first `inputs` went through the layer. */
const drawn = (seed: string, inputs: number) => {
  const candidates = normals(200, 40, `candidates ${seed}`);
  const x = matrix(inputs, 40, candidates.data.slice(0, inputs * 40));
  return { candidates, gradient: multiply(normals(inputs, 64, `errors ${seed}`), x, { transposeA: true }) };
};
const first = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("spanTest", () => {
  it("finds exactly the candidates that went in, from float64 and from float32", async () => {
    for (const precision of ["float64", "float32"] as const) {
      for (const seed of ["1", "2", "3"]) {
        const { candidates, gradient } = drawn(seed, 7);
        const sent = precision === "float32" ? matrix(64, 40, Float32Array.from(gradient.data)) : gradient;
        const { value, reason } = await spanTest(sent, candidates, { precision });
        expect(value?.accepted, reason).toEqual(first(7));
        expect(value!.falsePositiveRate).toBeLessThan(1e-20);
      }
    }
  });

  it("rejects members at the stated rate under known noise, and others not at all", async () => {
    let [missed, members, false_] = [0, 0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const { candidates, gradient } = drawn(`${seed}`, 5);
      const noiseStd = (0.02 * norm(gradient.data)) / Math.sqrt(gradient.data.length);
      const noisy = plus(gradient, normals(64, 40, `noise ${seed}`, noiseStd));
      const { value, reason } = await spanTest(noisy, candidates, { precision: "float32", noiseStd, missRate: 0.05 });
      expect(value, reason).toBeDefined();
      missed += first(5).filter((i) => !value!.accepted.includes(i)).length;
      members += 5;
      false_ += value!.accepted.filter((i) => i >= 5).length;
      expect(value!.falsePositiveRate).toBeLessThan(1e-6);
    }
    // 5 % of 300: 15 ± 4.
    expect(missed / members).toBeGreaterThan(0.01);
    expect(missed / members).toBeLessThan(0.1);
    expect(false_).toBe(0);
  });

  it("bounds the rate of false positives by what random candidates show", async () => {
    // 39 of 40 dimensions: many random directions are nearly inside.
    const { gradient } = drawn("few", 39);
    const noiseStd = (0.002 * norm(gradient.data)) / Math.sqrt(gradient.data.length);
    const noisy = plus(gradient, normals(64, 40, "noise", noiseStd));
    const { value, reason } = await spanTest(noisy, normals(4000, 40, "random"), { precision: "float64", noiseStd });
    expect(value?.rank, reason).toBe(39);
    const share = value!.accepted.length / 4000;
    expect(share).toBeGreaterThan(0.005);
    expect(share).toBeLessThan(value!.falsePositiveRate);
    expect(value!.falsePositiveRate).toBeLessThan(1);
  });

  it("accepts sums of inputs, which it cannot tell from inputs, and refuses a full span", async () => {
    const { candidates, gradient } = drawn("sum", 4);
    const sum = matrix(
      1,
      40,
      candidates.data.subarray(0, 40).map((value, j) => value + candidates.data[40 + j]!),
    );
    const zero = matrix(1, 40);
    expect((await spanTest(gradient, stacked(sum, zero), { precision: "float64" })).value!.accepted).toEqual([0]);
    const full = drawn("full", 50);
    expect((await spanTest(full.gradient, candidates, { precision: "float64" })).reason).toMatch(/all 40 dimensions/);
    expect((await spanTest(matrix(4, 40), candidates, { precision: "float64" })).value).toBeUndefined();
    expect((await spanTest(gradient, matrix(1, 3), { precision: "float64" })).reason).toMatch(/3 numbers each/);
  });
});
