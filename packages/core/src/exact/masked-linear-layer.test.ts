import fc from "fast-check";
import { expect, test } from "vitest";
import { matrix } from "../linear-algebra/matrix.ts";
import { rng } from "../random.ts";
import { singleSample } from "./linear-layer.ts";
import { maskedSample } from "./masked-linear-layer.ts";

const [rows, cols] = [12, 30];

/** δ, x and the gradients they leave where an entry survives. */
function planted(seed: number, survives: (value: number) => boolean) {
  const random = rng(seed);
  const x = Float64Array.from({ length: cols }, () => random.normal());
  const errors = Float64Array.from({ length: rows }, () => random.normal());
  const kept = (value: number): number => (survives(value) ? value : 0);
  const weightGradient = matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, (_, k) => kept(errors[Math.floor(k / cols)]! * x[k % cols]!)),
  );
  return { x, weightGradient, biasGradient: errors.map(kept) };
}

test("gives back every coordinate that survivors connect with the bias, whatever was removed", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.3, max: 0.9, noNaN: true }), (seed, rate) => {
      const mask = rng(seed).split("mask");
      const { x, weightGradient, biasGradient } = planted(seed, () => mask.uniform() >= rate);
      const { value, residual } = maskedSample(weightGradient, biasGradient);
      fc.pre(value !== undefined);
      expect(residual).toBeLessThan(1e-12);
      x.forEach((entry, j) => {
        if (value!.determined[j] === 1) expect(value!.input[j]).toBeCloseTo(entry, 8);
        else expect(value!.input[j]).toBe(0);
      });
      const column = (j: number): boolean => biasGradient.some((_, i) => weightGradient.data[i * cols + j] !== 0);
      // Nothing is claimed of a coordinate without a survivor.
      for (let j = 0; j < cols; j++) if (!column(j)) expect(value!.determined[j]).toBe(0);
    }),
  );
});

test("after pruning by magnitude the division is off, the completion is not", () => {
  const { x, weightGradient, biasGradient } = planted(4, (value) => Math.abs(value) > 0.5);
  const found = maskedSample(weightGradient, biasGradient).value!;
  const naive = singleSample(weightGradient, biasGradient).value!;
  const worst = (guess: Float64Array): number =>
    Math.max(...x.map((entry, j) => (found.determined[j] === 1 ? Math.abs(guess[j]! - entry) : 0)));
  expect(found.determined.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(cols / 2);
  expect(worst(found.input)).toBeLessThan(1e-12);
  expect(worst(naive)).toBeGreaterThan(0.05);
});

test("says that the scale is open where no bias survived", () => {
  const { weightGradient } = planted(5, () => true);
  const { value, reason } = maskedSample(weightGradient, new Float64Array(rows));
  expect(value).toBeUndefined();
  expect(reason).toMatch(/scale of the input is open/);
});
