import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { type Rng, rng } from "../../random.ts";
import { factorGradient, type ReluLayer } from "./factored-gradient.ts";
import { sparsestInPencil } from "./pencil.ts";
import { type SpearOptions, type SpearResult, spear } from "./spear.ts";

interface Planted {
  readonly layer: ReluLayer & { readonly bias: Float64Array; readonly biasGradient: Float64Array };
  readonly inputs: Matrix;
  /** δ of every sample, zero where the neuron is off [B, m]. */
  readonly errors: Matrix;
}

const normals = (random: Rng, rows: number, cols: number): Matrix =>
  matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.normal()),
  );

/** Random layer and inputs; the errors are a random linear function of few numbers, as behind a net, and stopped where the ReLU is off. */
function plant(
  random: Rng,
  { batch, inputs: d, neurons: m, behind = 10 }: { batch: number; inputs: number; neurons: number; behind?: number },
): Planted {
  const weight = normals(random.split("weight"), m, d);
  for (let at = 0; at < weight.data.length; at++) weight.data[at]! /= Math.sqrt(d);
  const bias = normals(random.split("bias"), 1, m).data.map((value) => 0.3 * value);
  const inputs = normals(random.split("inputs"), batch, d);
  const z = multiply(inputs, weight, { transposeB: true });
  const errors = multiply(normals(random.split("signals"), batch, behind), normals(random.split("head"), behind, m));
  for (let at = 0; at < errors.data.length; at++) if (z.data[at]! + bias[at % m]! <= 0) errors.data[at] = 0;
  const biasGradient = new Float64Array(m);
  for (let at = 0; at < errors.data.length; at++) biasGradient[at % m]! += errors.data[at]!;
  const weightGradient = multiply(errors, inputs, { transposeA: true });
  return { layer: { weight, bias, weightGradient, biasGradient }, inputs, errors };
}

async function solve(
  layer: ReluLayer,
  options: Omit<SpearOptions, "rng" | "precision">,
): Promise<SpearResult & { rounds: number }> {
  const search = spear(layer, { precision: "float64", rng: rng("search"), ...options });
  let rounds = 0;
  for (let step = await search.next(); ; step = await search.next()) {
    if (step.done === true) return { ...step.value, rounds };
    rounds = step.value.rounds;
  }
}

/** Largest relative error of a row, each matched to the closest. */
function worstError(found: Matrix | undefined, truth: Matrix): number {
  if (found === undefined) return Number.POSITIVE_INFINITY;
  const row = (a: Matrix, i: number): Float64Array => a.data.subarray(i * a.cols, (i + 1) * a.cols);
  return Math.max(
    ...Array.from({ length: truth.rows }, (_, i) => {
      const x = row(truth, i);
      const errors = Array.from({ length: found.rows }, (__, j) =>
        norm(x.map((value, k) => value - row(found, j)[k]!)),
      );
      return Math.min(...errors) / norm(x);
    }),
  );
}

describe("spear", () => {
  it("returns every input and every error of a batch of 12 to rounding", async () => {
    for (const seed of [1, 2, 3]) {
      const { layer, inputs, errors } = plant(rng(seed), { batch: 12, inputs: 60, neurons: 240 });
      const { value } = await solve(layer, { rank: 12 });
      expect(worstError(value?.inputs, inputs)).toBeLessThan(1e-11);
      expect(worstError(value?.errors, errors)).toBeLessThan(1e-11);
      const active = value!.errors.data.map((error) => Number(error !== 0));
      expect(value!.patterns.flatMap((pattern) => Array.from(pattern))).toEqual(Array.from(active));
    }
  });

  it("needs no search where single samples activate neurons of their own", async () => {
    const { layer, inputs } = plant(rng(4), { batch: 3, inputs: 20, neurons: 120 });
    const { value, rounds } = await solve(layer, { rank: 3 });
    expect(rounds).toBe(0);
    expect(worstError(value?.inputs, inputs)).toBeLessThan(1e-12);
  });

  it("loses to float32 what float32 loses", async () => {
    const { layer, inputs } = plant(rng(5), { batch: 8, inputs: 60, neurons: 200 });
    const rounded: ReluLayer = {
      ...layer,
      weightGradient: matrix(200, 60, Float32Array.from(layer.weightGradient.data)),
      biasGradient: Float64Array.from(Float32Array.from(layer.biasGradient)),
    };
    const search = spear(rounded, { rank: 8, precision: "float32", rng: rng("search") });
    let step = await search.next();
    while (step.done !== true) step = await search.next();
    expect(worstError(step.value.value?.inputs, inputs)).toBeLessThan(1e-5);
  });

  it("scales its zeros with noise that is known: an error of a few times the noise", async () => {
    const { layer, inputs } = plant(rng(6), { batch: 6, inputs: 60, neurons: 200 });
    const size = norm(layer.weightGradient.data) / Math.sqrt(200 * 60);
    const stream = rng("noise");
    const noiseStd = 1e-4 * size;
    const noisy = (data: Float64Array): Float64Array => data.map((value) => value + noiseStd * stream.normal());
    const { value } = await solve(
      {
        ...layer,
        weightGradient: matrix(200, 60, noisy(layer.weightGradient.data)),
        biasGradient: noisy(layer.biasGradient),
      },
      { rank: 6, noiseStd },
    );
    expect(worstError(value?.inputs, inputs)).toBeLessThan(3e-3);
  });

  it("gives directions where the layer has no bias", async () => {
    const random = rng(7);
    const { layer, inputs } = plant(random, { batch: 5, inputs: 40, neurons: 160 });
    const errors = normals(random.split("signals"), 5, 160);
    const z = multiply(inputs, layer.weight, { transposeB: true });
    for (let at = 0; at < errors.data.length; at++) if (z.data[at]! <= 0) errors.data[at] = 0;
    const { value } = await solve(
      { weight: layer.weight, weightGradient: multiply(errors, inputs, { transposeA: true }) },
      { rank: 5 },
    );
    const directions = matrix(5, 40, inputs.data.slice());
    for (let i = 0; i < 5; i++) {
      const row = directions.data.subarray(i * 40, (i + 1) * 40);
      const length = norm(row);
      for (let k = 0; k < 40; k++) row[k]! /= length;
    }
    expect(worstError(value?.inputs, directions)).toBeLessThan(1e-11);
  });

  it("says when the layer is too narrow for the batch", async () => {
    const { layer } = plant(rng(8), { batch: 16, inputs: 40, neurons: 24 });
    const { value, undetermined, reason } = await solve(layer, { rank: 16 });
    expect(value).toBeUndefined();
    expect(undetermined).toBe(true);
    expect(reason).toMatch(/too few for 16 samples/);
  });

  it("returns nothing for a gradient that is no such layer's: every claim passes the check of signs", async () => {
    const random = rng(9);
    const dense = multiply(normals(random.split("q"), 120, 6), normals(random.split("x"), 6, 30));
    const { layer } = plant(random, { batch: 6, inputs: 30, neurons: 120 });
    const { value, reason } = await solve(
      { ...layer, weightGradient: dense, biasGradient: normals(random.split("db"), 1, 120).data },
      { rank: 6, rounds: 3 },
    );
    expect(value).toBeUndefined();
    expect(reason).toMatch(/of 6 columns/);
  });

  it("stops when it is told to, with what it has", async () => {
    const { layer } = plant(rng(10), { batch: 12, inputs: 60, neurons: 240 });
    const { value, reason } = await solve(layer, { rank: 12, signal: AbortSignal.abort() });
    expect(value).toBeUndefined();
    expect(reason).toMatch(/stopped/);
  });
});

describe("sparsestInPencil", () => {
  it("takes two mixed columns apart", async () => {
    const { layer, errors } = plant(rng(11), { batch: 4, inputs: 30, neurons: 120 });
    const factored = await factorGradient(layer, 4, { roundoff: Number.EPSILON, noiseStd: 0 }, async (a, b, options) =>
      multiply(a, b, options),
    );
    const { value } = await solve(layer, { rank: 4 });
    const column = (i: number): Float64Array => value!.errors.data.subarray(i * 120, (i + 1) * 120);
    // q = U⁺ column, for the U with orthonormal columns: Uᵀ column.
    const vectorOf = (c: Float64Array): Float64Array => {
      const q = new Float64Array(4);
      factored.neurons.forEach((j, n) => {
        for (let k = 0; k < 4; k++) q[k]! += factored.rows.data[n * 4 + k]! * factored.lengths[n]! * c[j]!;
      });
      const length = norm(q);
      return q.map((entry) => entry / length);
    };
    const [a, b] = [vectorOf(column(0)), vectorOf(column(1))];
    const mixed = (x: number, y: number): Float64Array => {
      const q = a.map((entry, k) => x * entry + y * b[k]!);
      return q.map((entry) => entry / norm(q));
    };
    const parts = sparsestInPencil(factored, mixed(1, -0.7), mixed(0.3, 1));
    const overlaps = [a, b].map((q) =>
      Math.max(...parts.map((part) => Math.abs(part.q.reduce((sum, value_, k) => sum + value_ * q[k]!, 0)))),
    );
    expect(Math.min(...overlaps)).toBeGreaterThan(1 - 1e-12);
    expect(errors.rows).toBe(4);
  });
});
