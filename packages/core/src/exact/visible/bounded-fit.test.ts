import { expect, it } from "vitest";
import { matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { rng } from "../../random.ts";
import type { ActivationFunction } from "../tensor/activation-function.ts";
import { type BoundedBlock, blockAt, gradientRow } from "./bounded-block.ts";
import { boundedFit } from "./bounded-fit.ts";

const tanh: ActivationFunction = async (z) => {
  const t = z.map(Math.tanh);
  return [t, t.map((v) => 1 - v * v), t.map((v) => -2 * v * (1 - v * v))];
};

const [m, d, size] = [30, 5, 3];
const random = rng("bounded fit");
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
const point = normals(size * (d + 1));

/** Known entries, intervals that hold the value and others that do not, and entries without bounds. */
async function drawBlock(biased: boolean): Promise<BoundedBlock> {
  const weight = matrix(m, d, normals(m * d));
  const outer = normals(m);
  const free: BoundedBlock = {
    weight,
    outer,
    seen: new Float64Array(),
    lower: new Float64Array(),
    upper: new Float64Array(),
    biased,
    activation: tanh,
  };
  const at = await blockAt(free, point, 1);
  const lower = new Float64Array(m * d).fill(-Infinity);
  const upper = new Float64Array(m * d).fill(Infinity);
  const row = new Float64Array(d);
  for (let j = 0; j < m; j++) {
    gradientRow(at, j, row);
    row.forEach((v, k) => {
      const n = j * d + k;
      const choice = random.integer(4);
      if (choice === 0) lower[n] = upper[n] = v + 0.3 * random.normal();
      if (choice === 1) lower[n] = v + 0.3 * random.normal();
      if (choice === 2) [lower[n], upper[n]] = [v - 0.1, v + 0.2 * random.uniform() - 0.05];
    });
  }
  return { ...free, lower, upper, meanMagnitude: 0.4 };
}

for (const width of [0, 0.1]) {
  it(`its gradient agrees with differences of its cost, walls of width ${width}`, async () => {
    const block = await drawBlock(false);
    const fit = boundedFit(block, plainProduct, { width });
    const { gradient, cost } = await fit.linearise(point);
    expect(cost).toBeCloseTo(await fit.cost(point), 10);
    for (let p = 0; p < point.length; p++) {
      const moved = (by: number): Float64Array => point.map((v, q) => (p === q ? v + by : v));
      const slope = ((await fit.cost(moved(1e-6))) - (await fit.cost(moved(-1e-6)))) / 2e-6;
      expect(Math.abs(slope / 2 - gradient[p]!)).toBeLessThan(1e-5 * (1 + Math.abs(gradient[p]!)));
    }
  });
}

it("its normal matrix is Jᵀ J of the known entries and of the bounds that are broken", async () => {
  const block = await drawBlock(false);
  const { normal } = await boundedFit(block, plainProduct).linearise(point);
  const entries = async (at: Float64Array): Promise<Float64Array> => {
    const here = await blockAt(block, at, 1);
    const all = new Float64Array(m * d);
    for (let j = 0; j < m; j++) gradientRow(here, j, all.subarray(j * d, (j + 1) * d));
    return all;
  };
  const values = await entries(point);
  const jacobian = await Promise.all(
    Array.from(point, async (_, p) => {
      const moved = (by: number): Float64Array => point.map((v, q) => (p === q ? v + by : v));
      const [above, below] = [await entries(moved(1e-6)), await entries(moved(-1e-6))];
      return above.map((v, n) => (v - below[n]!) / 2e-6);
    }),
  );
  const counts = values.map((v, n) =>
    Number(block.lower[n] === block.upper[n] || v < block.lower[n]! || v > block.upper[n]!),
  );
  const anchor = jacobian.map(
    (column) => column.reduce((sum, v, n) => sum + Math.sign(values[n]!) * v, 0) / Math.sqrt(m * d),
  );
  for (let p = 0; p < point.length; p++) {
    for (let q = 0; q <= p; q++) {
      const expected = counts.reduce(
        (sum, c, n) => sum + c * jacobian[p]![n]! * jacobian[q]![n]!,
        anchor[p]! * anchor[q]!,
      );
      expect(Math.abs(normal.data[p * point.length + q]! - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
    }
  }
});

it("holds the coordinate of a bias", async () => {
  const block = await drawBlock(true);
  const { normal, gradient } = await boundedFit(block, plainProduct).linearise(point);
  for (let i = 0; i < size; i++) {
    const held = i * d + d - 1;
    expect(gradient[held]).toBe(0);
    expect(normal.data[held * point.length + held]).toBe(0);
  }
});
