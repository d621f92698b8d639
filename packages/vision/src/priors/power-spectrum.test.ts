import { rng } from "@recon/core";
import { constant, graph, input, interpret } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { photographs } from "../data/photographs.ts";
import { powerSpectrum } from "./power-spectrum.ts";

/** x = G(z). */
function decoded(shape: readonly number[], z: Float64Array, prior = powerSpectrum()): Float64Array {
  const spectrum = input("spectrum", shape);
  const x = prior.decode({ spectrum }, shape);
  return Float64Array.from(interpret(graph({ spectrum }, { x }), { spectrum: { shape, data: z } }).x!.data);
}

describe("powerSpectrum", () => {
  test("reaches every image: the free variables are as many, and each moves it", () => {
    const shape = [1, 3, 4, 5];
    const zero = decoded(shape, new Float64Array(60));
    expect(zero).toEqual(Float64Array.from(powerSpectrum().blind!(shape, rng(1)).data));
    for (let i = 0; i < 60; i++) {
      const unit = new Float64Array(60);
      unit[i] = 1;
      const moved = decoded(shape, unit);
      expect(Math.hypot(...moved.map((value, k) => value - zero[k]!))).toBeGreaterThan(1e-3);
    }
  });

  test("draws images whose values spread as those of photographs do, within a factor of three", async () => {
    const shape = [16, 3, 32, 32];
    const latent = powerSpectrum().init(shape, rng("draws")).spectrum!;
    const draws = decoded(shape, Float64Array.from(latent.data));
    const data = await photographs({ size: 32, count: 16 }).open();
    const items = await Promise.all(Array.from({ length: 16 }, (_, i) => data.item(i)));
    const real = items.flatMap(({ input: x }) => Array.from(x.data));
    expect(deviation(draws) / deviation(real)).toBeGreaterThan(1 / 3);
    expect(deviation(draws) / deviation(real)).toBeLessThan(3);
  });

  test("means the same picture whatever the values are normalised by", () => {
    const shape = [1, 3, 8, 8];
    const z = Float64Array.from(powerSpectrum().init(shape, rng(3)).spectrum!.data);
    const pixels = decoded(shape, z, powerSpectrum({ mean: [0, 0, 0], std: [1, 1, 1] }));
    const values = decoded(shape, z, powerSpectrum({ mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.5] }));
    pixels.forEach((pixel, i) => {
      const c = Math.floor(i / 64);
      expect(values[i]! * [0.2, 0.25, 0.5][c]! + [0.5, 0.4, 0.3][c]!).toBeCloseTo(pixel, 10);
    });
  });

  test("refuses what has not three channels", () => {
    const spectrum = constant(new Float64Array(4), [1, 1, 2, 2]);
    expect(() => powerSpectrum().decode({ spectrum }, [1, 1, 2, 2])).toThrow(/needs colour images/);
  });
});

function deviation(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
}
