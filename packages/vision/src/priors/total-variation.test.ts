import { type Arrays, grad, graph, input, interpret, type NdArray } from "@recon/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type TotalVariationOptions, totalVariation } from "./total-variation.ts";

const seed = 20261122;
const images = (shape: readonly number[], values: readonly number[]): NdArray => ({
  shape,
  data: Float64Array.from(values),
});

function evaluate(options: TotalVariationOptions, x: NdArray): { energy: number; gradient: Float64Array } {
  const symbol = input("x", x.shape);
  const energy = totalVariation(options).energy(symbol);
  expect(energy.shape).toEqual([]);
  const result: Arrays = interpret(graph({ x: symbol }, { energy, gradient: grad(energy, [symbol])[0]! }), { x });
  return { energy: result.energy!.data[0]!, gradient: result.gradient!.data as Float64Array };
}

describe("known values", () => {
  // Rows (1, 4) and (3, 0): |dx| = 3, 0, 3, 0 and |dy| = 2, 4, 0, 0.
  const square = images([1, 1, 2, 2], [1, 4, 3, 0]);
  test.each([
    [{ weight: 1 }, 12 / 4],
    [{ weight: 0.2 }, 0.6],
    [{ weight: 1, p: 2 }, (13 + 16 + 9) / 4],
    [{ weight: 1, p: 2, q: 0.5 }, (Math.sqrt(13) + 4 + 3) / 4],
    [{ weight: 1, p: 2, q: 1.25 }, (13 ** 1.25 + 16 ** 1.25 + 9 ** 1.25) / 4],
    [{ weight: 0 }, 0],
  ])("%j", (options, expected) => {
    expect(evaluate(options, square).energy).toBeCloseTo(expected, 6);
  });
  test("colour differences count as three more channels", () => {
    // One row of two pixels: R 0 → 1, G 0 → 0, B 2 → 0. |dx| = 1, 0, 2 and of R−G 1, R−B 3, G−B 2: 9 over 12 positions.
    const row = images([1, 3, 1, 2], [0, 1, 0, 0, 2, 0]);
    expect(evaluate({ weight: 1, colour: true }, row).energy).toBeCloseTo(9 / 12, 6);
    expect(evaluate({ weight: 1 }, row).energy).toBeCloseTo(3 / 6, 6);
  });
});

describe("laws", () => {
  const shapes = [
    [1, 1, 3, 4],
    [2, 2, 4, 3],
    [1, 5, 1, 6],
    [1, 3, 5, 1],
  ];
  const drawn = fc.constantFrom(...shapes).chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const value = fc.double({ min: -3, max: 3, noNaN: true });
    return fc.array(value, { minLength: size, maxLength: size }).map((values) => images(shape, values));
  });
  const some = fc.constantFrom<TotalVariationOptions>(
    { weight: 0.7 },
    { weight: 1, p: 2, q: 0.5 },
    { weight: 2, p: 2, q: 1.25 },
  );
  test("adding a constant changes nothing, mixing with it shrinks, and a constant image has the least", () => {
    fc.assert(
      fc.property(drawn, some, (x, options) => {
        const { energy } = evaluate(options, x);
        const lifted = evaluate(
          options,
          images(
            x.shape,
            Array.from(x.data, (v) => v + 1.5),
          ),
        ).energy;
        expect(lifted).toBeCloseTo(energy, 9);
        const flat = evaluate(
          options,
          images(
            x.shape,
            Array.from(x.data, () => 0.3),
          ),
        );
        expect(flat.energy).toBeLessThan(1e-6);
        expect(energy).toBeGreaterThanOrEqual(flat.energy - 1e-12);
        expect(flat.gradient.every(Number.isFinite)).toBe(true);
      }),
      { seed, numRuns: 30 },
    );
  });
  test("the gradient agrees with finite differences away from equal neighbours", () => {
    fc.assert(
      fc.property(fc.constantFrom(...shapes), some, fc.integer(), (shape, options, salt) => {
        const size = shape.reduce((a, b) => a * b, 1);
        // Values a permutation of a grid: any two differ by at least .1, far more than the step.
        const values = Array.from({ length: size }, (_, i) => ((i * 7919 + Math.abs(salt % 97)) % 101) * 0.1);
        const x = images(shape, values);
        const { gradient } = evaluate(options, x);
        const h = 1e-5;
        const numeric = values.map((_, i) => {
          const at = (step: number): number =>
            evaluate(
              options,
              images(
                shape,
                values.map((v, j) => v + (j === i ? step : 0)),
              ),
            ).energy;
          return (at(h) - at(-h)) / (2 * h);
        });
        const error = Math.hypot(...numeric.map((v, i) => v - gradient[i]!));
        expect(error).toBeLessThan(1e-6 * Math.hypot(...gradient) + 1e-9);
      }),
      { seed, numRuns: 12 },
    );
  });
});

test("what does not fit is said", () => {
  const colour = totalVariation({ colour: true });
  expect(() => colour.energy(input("x", [1, 1, 4, 4]))).toThrow("need 3 channels, and there are 1");
  expect(() => totalVariation().energy(input("x", [3, 4, 4]))).toThrow(expect.objectContaining({ code: "shape" }));
  expect(() => totalVariation({ wieght: 1 } as object)).toThrow('no option "wieght"');
  expect(() => totalVariation({ weight: -1 })).toThrow('"weight" must be a number of at least 0');
  expect(totalVariation({ weight: 0.1, p: 2 }).options).toEqual({ weight: 0.1, p: 2, q: 1, colour: false });
});
