import { distancesFrom, type Matrix, matrix, multiply, plainProduct, rng, rowSpace } from "@recon/core";
import { expect, test } from "vitest";
import { widenedSpaces } from "./widened-spaces.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const normal = (rows: number, cols: number, name: string): Matrix => {
  const random = rng(seed).split(name);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.normal()),
  );
};

test(`a lost dimension is found among candidates, and the wider space holds all rows and no others (RECON_TEST_SEED=${seed})`, async () => {
  const rows = normal(6, 40, "rows");
  // Errors in which the first two rows cannot be told apart: of those the gradient spans the sum alone.
  const errors = normal(30, 6, "errors");
  for (let i = 0; i < 30; i++) errors.data[i * 6 + 1] = errors.data[i * 6]!;
  const { value: space } = await rowSpace(multiply(errors, rows), { precision: "float64" });
  expect(space!.rank).toBe(5);
  const others = normal(500, 40, "others");
  const candidates = { width: 40, rows: Float64Array.of(...others.data, ...rows.data) };
  const [wider, ...more] = await widenedSpaces(space!, candidates, plainProduct);
  expect(more).toEqual([]);
  expect(wider!.rank).toBe(6);
  const members = await distancesFrom(wider!, { rows: 506, cols: 40, data: candidates.rows });
  expect(Array.from(members.statistics, (statistic) => statistic <= 1)).toEqual([
    ...new Array(500).fill(false),
    ...new Array(6).fill(true),
  ]);
  // The same candidate twice shows nothing.
  const twice = { width: 40, rows: Float64Array.of(...rows.data.subarray(0, 40), ...rows.data.subarray(0, 40)) };
  expect(await widenedSpaces(space!, twice, plainProduct)).toEqual([]);
});
