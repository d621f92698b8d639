import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { linearProgram } from "./linear-program.ts";
import { matrix } from "./matrix.ts";

test("a drawn program in the plane ends at the best of all corners", () => {
  const r = rng("corners");
  for (let round = 0; round < 30; round++) {
    const rows = 8;
    // Half planes around the origin, so that there is something inside.
    const a = matrix(
      rows,
      2,
      Float64Array.from({ length: 2 * rows }, () => r.normal()),
    );
    const b = Float64Array.from({ length: rows }, () => 0.2 + r.uniform());
    const g = [r.normal(), r.normal()];
    const inside = (x: number, y: number): boolean =>
      b.every((value, i) => a.data[2 * i]! * x + a.data[2 * i + 1]! * y <= value + 1e-9);
    let best = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < i; k++) {
        const [p, q, s, t] = [a.data[2 * i]!, a.data[2 * i + 1]!, a.data[2 * k]!, a.data[2 * k + 1]!];
        const det = p * t - q * s;
        const [x, y] = [(b[i]! * t - q * b[k]!) / det, (p * b[k]! - b[i]! * s) / det];
        if (inside(x, y)) best = Math.max(best, g[0]! * x + g[1]! * y);
      }
    }
    const found = linearProgram(g, a, b, { bound: 1e4 })!;
    const reached = g[0]! * found[0]! + g[1]! * found[1]!;
    // An open side has no corner: there the bound of the unknowns is.
    if (Math.max(Math.abs(found[0]!), Math.abs(found[1]!)) < 9999) expect(reached).toBeCloseTo(best, 7);
    else expect(reached).toBeGreaterThan(best);
  }
});

test("constraints that contradict each other have no corner", () => {
  expect(linearProgram([1], matrix(2, 1, [1, -1]), [1, -2])).toBeUndefined();
  expect(Array.from(linearProgram([1], matrix(2, 1, [1, -1]), [1, 2])!)).toEqual([1]);
});
