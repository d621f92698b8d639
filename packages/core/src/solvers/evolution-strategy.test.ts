import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { evolutionStrategy, type Generation } from "./evolution-strategy.ts";

async function last(options: Parameters<typeof evolutionStrategy>[0]): Promise<Generation> {
  let found: Generation | undefined;
  for await (const generation of evolutionStrategy(options)) found = generation;
  return found!;
}

const rosenbrock = (x: Float64Array): number =>
  Array.from(x.subarray(1)).reduce((sum, next, i) => sum + 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2, 0);

test("finds the minimum of Rosenbrock's valley in five dimensions", async () => {
  for (const seed of [1, 2, 3]) {
    const { value } = await last({
      ...{ start: new Float64Array(5), spread: 0.5, generations: 600, rng: rng(seed) },
      score: async (points) => points.map(rosenbrock),
    });
    expect(value).toBeLessThan(1e-8);
  }
});

test("learns scales a thousand apart, and points without a value rank last", async () => {
  const scales = [1, 10, 100, 1000];
  const { best, value } = await last({
    ...{ start: Float64Array.of(1, 1, 1, 1), spread: 0.5, generations: 400, rng: rng(4) },
    score: async (points) =>
      points.map((x) => (x[0]! < -0.5 ? Number.NaN : scales.reduce((sum, s, i) => sum + (s * x[i]!) ** 2, 0))),
  });
  expect(value).toBeLessThan(1e-8);
  expect(best[0]!).toBeGreaterThan(-0.5);
});

test("equal seeds, equal points; an abort ends it", async () => {
  const options = (signal?: AbortSignal): Parameters<typeof evolutionStrategy>[0] => ({
    ...{ start: new Float64Array(3), spread: 1, generations: 5, rng: rng(7), ...(signal && { signal }) },
    score: async (points) => points.map((x) => x.reduce((sum, value) => sum + value * value, 0)),
  });
  expect(await last(options())).toEqual(await last(options()));
  const controller = new AbortController();
  controller.abort();
  for await (const _ of evolutionStrategy(options(controller.signal))) throw new Error("It went on although aborted.");
  await expect(last({ ...options(), population: 3 })).rejects.toThrow(
    /"population" must be a whole number of at least 4/,
  );
});
