import { expect, test } from "vitest";
import { block, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { assembledInputs } from "./assembled-inputs.ts";
import { plantedCut } from "./fixtures/planted-cut.ts";
import { inputsOneByOne } from "./inputs-one-by-one.ts";
import { spanCoordinates } from "./span-coordinates.ts";

/** A planted layer in the coordinates of its three samples' span, and the true inputs there. */
function inSpan(seed: string) {
  const { cut, layer, inputs } = plantedCut(rng(seed));
  const { right } = svd(cut.gradient);
  const basis = block(right, 0, 0, right.rows, 3);
  const spanned = { ...layer, weights: multiply(cut.weight, basis), gradient: multiply(cut.gradient, basis) };
  return { layer: spanned, truth: multiply(inputs, basis), coordinates: spanCoordinates(basis, cut.biased) };
}

const rowOf = ({ data, cols }: Matrix, i: number): Float64Array => data.slice(i * cols, (i + 1) * cols);
const classes = { shape: [3, 3], data: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
const options = (seed: string) => ({ tolerance: 1e-10, rng: rng(seed).split("search") });

/** Distance of every found input to the nearest true one, relative. */
const distances = (found: readonly Float64Array[], truth: Matrix): number[] =>
  found.map((c) => Math.min(...[0, 1, 2].map((i) => norm(rowOf(truth, i).map((v, k) => v - c[k]!)) / norm(c))));

test.each(["a", "b", "c"])("all inputs, each with its target, none of them told, seed %s", async (seed) => {
  const { layer, truth, coordinates } = inSpan(seed);
  const { target, ...cut } = layer;
  const found = (await assembledInputs(cut, 3, classes, coordinates, options(seed)))!;
  const rows = [0, 1, 2].map((i) => rowOf(found.inputs, i));
  expect(Math.max(...distances(rows, truth))).toBeLessThan(1e-9);
  // Row by row the class of the true input that it is.
  for (const [i, c] of rows.entries()) {
    const at = [0, 1, 2].find((j) => norm(rowOf(truth, j).map((v, k) => v - c[k]!)) < 1e-6 * norm(c))!;
    expect(Array.from(found.target.data.slice(3 * i, 3 * i + 3))).toEqual(
      Array.from(target.data.slice(3 * at, 3 * at + 3)),
    );
  }
});

test("what is known is not found again, and what is left of the space of errors still holds the rest", async () => {
  const { layer, truth, coordinates } = inSpan("known");
  for (const left of [0, 1, 2]) {
    const known = [0, 1, 2].filter((i) => i !== left).map((i) => rowOf(truth, i));
    const target = { shape: [1, 3], data: Float64Array.from(layer.target.data).slice(3 * left, 3 * left + 3) };
    const found = await inputsOneByOne(layer, coordinates, known, { ...options("known"), target });
    expect(found).toHaveLength(3);
    expect(norm(found[2]!.map((v, k) => v - rowOf(truth, left)[k]!))).toBeLessThan(1e-9 * norm(found[2]!));
  }
});

test("a gradient of other inputs gives none, and one with fewer dimensions than samples is not tried", async () => {
  const { layer, coordinates } = inSpan("other");
  const random = rng("noise");
  const gradient = matrix(
    layer.gradient.rows,
    3,
    layer.gradient.data.map(() => random.normal()),
  );
  expect(await assembledInputs({ ...layer, gradient }, 3, classes, coordinates, options("other"))).toBeUndefined();
  expect(await assembledInputs(layer, 4, classes, coordinates, options("other"))).toBeUndefined();
});
