import { rng } from "@recon/core";
import { add, constant, graph, input, interpret, mul, reshape, reverse, type Tensor, transpose } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { overSymmetries } from "./over-symmetries.ts";

const seed = Number(process.env.RECON_TEST_SEED);

/** Weighs places and depends on the level: as far from symmetric as can be. */
const lopsided = (height: number, width: number) => (images: Tensor, level: Tensor) => {
  const [rows, columns] = images.shape.slice(2) as [number, number];
  const places = Array.from(
    { length: rows * columns },
    (_, i) => Math.sin(1 + i) + (rows === height && columns === width ? 0 : 1),
  );
  const weighted = mul(images, constant(places, [1, 1, rows, columns]));
  return add(weighted, level);
};

function run(map: (x: Tensor) => Tensor, shape: readonly number[], data: Float64Array): number[] {
  const x = input("x", shape);
  return Array.from(interpret(graph({ x }, { y: map(x) }), { x: { shape, data } }).y!.data);
}

describe(`mean over the symmetries of the square (RECON_TEST_SEED=${seed})`, () => {
  test.each([
    ["mirrored up and down", 6, (x: Tensor) => reverse(x, [2])],
    ["mirrored left and right", 6, (x: Tensor) => reverse(x, [3])],
    ["turned", 6, (x: Tensor) => transpose(x, [0, 1, 3, 2])],
    ["mirrored, of sides that differ", 4, (x: Tensor) => reverse(x, [2, 3])],
  ])("commutes with images that are %s", (_, width, move) => {
    const shape = [2, 3, 6, width];
    const stream = rng(seed).split("images");
    const data = Float64Array.from({ length: 36 * width }, () => stream.normal());
    const averaged = overSymmetries(lopsided(6, width));
    const level = constant([0.3], []);
    const before = run((x) => averaged(move(x), level), shape, data);
    const after = run((x) => move(averaged(x, level)), shape, data);
    before.forEach((value, i) => {
      expect(value).toBeCloseTo(after[i]!, 12);
    });
    // Without the mean it does not.
    const alone = lopsided(6, width);
    expect(run((x) => alone(move(x), level), shape, data)).not.toEqual(run((x) => move(alone(x, level)), shape, data));
  });

  test("gives every image its level", () => {
    const shape = [2, 1, 2, 2];
    const data = Float64Array.from({ length: 8 }, (_, i) => i);
    const perImage = (images: Tensor, level: Tensor) => mul(images, reshape(level, [level.shape[0]!, 1, 1, 1]));
    const levels = constant([2, 5], [2]);
    expect(run((x) => overSymmetries(perImage)(x, levels), shape, data)).toEqual([0, 2, 4, 6, 20, 25, 30, 35]);
  });
});
