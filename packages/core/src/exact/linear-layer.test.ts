import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { qr } from "../linear-algebra/qr.ts";
import { innerProduct, matrixVector, norm, transposedMatrixVector } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { inputDirection, singleSample, singleSampleBehindNoise } from "./linear-layer.ts";
import { rankTest } from "./rank.ts";

const normals = (rows: number, cols: number, seed: string, std = 1): Matrix => {
  const random = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => std * random.normal()),
  );
};
const plus = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value, at) => value + b.data[at]!),
  );
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (x, i) => x - b[i]!));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** dW = δ xᵀ and db = δ with noise of one standard deviation on every entry of both. */
function noisy(rows: number, cols: number, std: number, errors: number, seed: string) {
  const delta = normals(rows, 1, `${seed} delta`, errors);
  const x = normals(1, cols, `${seed} x`);
  return {
    x: x.data,
    weightGradient: plus(multiply(delta, x), normals(rows, cols, `${seed} weight noise`, std)),
    biasGradient: plus(delta, normals(rows, 1, `${seed} bias noise`, std)).data,
  };
}

describe("singleSampleBehindNoise", () => {
  it("agrees with least squares to rounding without noise", async () => {
    const { x, weightGradient, biasGradient } = noisy(64, 30, 0, 1, "clean");
    const found = await singleSampleBehindNoise(weightGradient, biasGradient);
    expect(distance(found.value!, x) / norm(x)).toBeLessThan(1e-14);
    expect(found.residual).toBeLessThan(1e-14);
  });

  it("does not shrink x where db is as large as its noise; least squares does, by |δ|² / (|δ|² + m σ²)", async () => {
    const trials = 40;
    const scales = { total: [] as number[], least: [] as number[] };
    for (let trial = 0; trial < trials; trial++) {
      const { x, weightGradient, biasGradient } = noisy(400, 30, 1, 1, `trial ${trial}`);
      const square = innerProduct(x, x);
      const total = (await singleSampleBehindNoise(weightGradient, biasGradient)).value!;
      scales.total.push(innerProduct(total, x) / square);
      scales.least.push(innerProduct(singleSample(weightGradient, biasGradient).value!, x) / square);
    }
    expect(median(scales.least)).toBeGreaterThan(0.45);
    expect(median(scales.least)).toBeLessThan(0.55);
    expect(Math.abs(median(scales.total) - 1)).toBeLessThan(0.03);
  });

  it("says so where there is no bias gradient to scale by, or nothing at all", async () => {
    const { weightGradient } = noisy(20, 10, 0, 1, "no bias");
    expect((await singleSampleBehindNoise(weightGradient, new Float64Array(20))).reason).toMatch(/scale of x is open/);
    expect((await singleSampleBehindNoise(matrix(3, 3), [0, 0, 0])).reason).toMatch(/zero/);
  });
});

describe("known figures of one sample", () => {
  it("has twice the error in its best single row: 3.3e-4, 3.3e-3, 3.4e-2 at relative noise 1e-3, 1e-2, 1e-1 for d = 30, m = 64", () => {
    for (const [relative, expected] of [
      [1e-3, 3.3e-4],
      [1e-2, 3.3e-3],
      [1e-1, 3.4e-2],
    ] as const) {
      const errors = Array.from({ length: 101 }, (_, trial) => {
        const clean = noisy(64, 30, 0, 1, `row ${trial}`);
        const jitter = (m: Matrix, name: string): Matrix =>
          plus(m, normals(m.rows, m.cols, `${name} ${trial}`, (relative * norm(m.data)) / Math.sqrt(m.data.length)));
        const weightGradient = jitter(clean.weightGradient, "w");
        const biasGradient = jitter(matrix(64, 1, clean.biasGradient), "b").data;
        // The best in hindsight, which an attacker could not pick.
        const rows = Array.from(biasGradient, (value, k) =>
          distance(
            weightGradient.data.subarray(30 * k, 30 * k + 30).map((entry) => entry / value),
            clean.x,
          ),
        );
        return Math.min(...rows) / norm(clean.x);
      });
      expect(median(errors) / expected).toBeGreaterThan(0.75);
      expect(median(errors) / expected).toBeLessThan(1.33);
    }
  });

  it("loses the direction at z = (m d)^-1/4, whatever d alone would allow", async () => {
    for (const [m, d, z, low, high] of [
      [1000, 50, 0.1, 0, 0.3],
      [20, 200, 0.1, 0.38, 0.55],
    ] as const) {
      const cosines = await Promise.all(
        Array.from({ length: m > 100 ? 5 : 40 }, async (_, trial) => {
          const { x, weightGradient } = noisy(m, d, 0, 1, `direction ${m} ${trial}`);
          const sent = plus(weightGradient, normals(m, d, `direction noise ${trial}`, z * norm(weightGradient.data)));
          return Math.abs(innerProduct((await inputDirection(sent)).value!, x)) / norm(x);
        }),
      );
      const mean = cosines.reduce((a, b) => a + b, 0) / cosines.length;
      expect(mean).toBeGreaterThanOrEqual(low);
      expect(mean).toBeLessThan(high);
    }
  });
});

it("rankTest counts 5 samples behind a ReLU and a softmax, and dW lies in their span to rounding", async () => {
  const [samples, inputs, hidden, classes] = [5, 30, 64, 10];
  for (const seed of ["1", "2", "3"]) {
    const x = normals(samples, inputs, `x ${seed}`);
    const z = multiply(x, normals(hidden, inputs, `w ${seed}`, 1 / Math.sqrt(inputs)), { transposeB: true });
    const head = normals(classes, hidden, `v ${seed}`, 1 / Math.sqrt(hidden));
    const h = matrix(
      samples,
      hidden,
      z.data.map((value) => Math.max(value, 0)),
    );
    const logits = multiply(h, head, { transposeB: true });
    for (let i = 0; i < samples; i++) {
      const row = logits.data.subarray(i * classes, (i + 1) * classes);
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
      row.forEach((value, k) => {
        row[k] = (Math.exp(value) / total - (k === i ? 1 : 0)) / samples;
      });
    }
    const delta = multiply(logits, head);
    delta.data.forEach((value, at) => {
      delta.data[at] = z.data[at]! > 0 ? value : 0;
    });
    const gradient = multiply(delta, x, { transposeA: true });
    const { value, reason } = await rankTest(gradient, undefined, { precision: "float64" });
    expect(value?.rank, reason).toBe(5);
    expect(value!.singularValues[5]! / value!.singularValues[0]!).toBeLessThan(1e-14);
    // ‖dW (I − Q Qᵀ)‖ / ‖dW‖ with Q an orthonormal basis of the inputs.
    const { q } = qr(
      matrix(
        inputs,
        samples,
        Float64Array.from(
          { length: inputs * samples },
          (_, at) => x.data[(at % samples) * inputs + Math.floor(at / samples)]!,
        ),
      ),
    );
    let outside = 0;
    for (let k = 0; k < hidden; k++) {
      const row = gradient.data.subarray(k * inputs, (k + 1) * inputs);
      const inside = matrixVector(q, transposedMatrixVector(q, row));
      outside = Math.hypot(outside, distance(row, inside));
    }
    expect(outside / norm(gradient.data)).toBeLessThan(1e-14);
  }
});
