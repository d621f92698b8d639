import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { spanCoordinates } from "../cut-layer/span-coordinates.ts";
import { boxPoints } from "./box-points.ts";
import { deflated } from "./deflated.ts";
import { descendPoints } from "./descend-points.ts";
import { gradientSpaces } from "./gradient-spaces.ts";
import type { PointEquations } from "./point-equations.ts";
import { splitWeakest } from "./split-weakest.ts";

/** (u² − a², v, v (u − a)) in u = q₀, v = q₁: zero at (±a, 0). */
function twoRoots(a: number): PointEquations {
  const rows = (q: Matrix, of: (u: number, v: number) => number[][]): Matrix => {
    const all = Array.from({ length: q.rows }, (_, i) => of(q.data[2 * i]!, q.data[2 * i + 1]!)).flat();
    return matrix(all.length, 3, all.flat());
  };
  return {
    free: 2,
    at: async (q) => rows(q, (u, v) => [[u * u - a * a, v, v * (u - a)]]),
    along: async (q) =>
      rows(q, (u, v) => [
        [2 * u, 0, v],
        [0, 1, u - a],
      ]),
  };
}

const points = (...rows: number[][]): Matrix => matrix(rows.length, rows[0]!.length, rows.flat());
const close = (a: ArrayLike<number>, b: number[], within: number): void => {
  expect(norm(b.map((value, i) => value - a[i]!))).toBeLessThan(within);
};

describe("searches of many points", () => {
  it("ends each at its own root", async () => {
    const { points: ends, misfits } = await descendPoints(twoRoots(2), points([3, 1], [-1, -1], [0.5, 2]), {
      iterations: 60,
    });
    close(ends.data, [2, 0, -2, 0, 2, 0], 1e-9);
    expect(Math.max(...misfits)).toBeLessThan(1e-9);
  });

  it("ends at the other root once one is known, and the slopes of what is led by are those of its values", async () => {
    const others = deflated(twoRoots(2), [Float64Array.of(2, 0)], 1);
    const [plain, led] = await Promise.all(
      [twoRoots(2), others].map((equations) => descendPoints(equations, points([1, 0.1]), { iterations: 200 })),
    );
    close(plain!.points.data, [2, 0], 1e-6);
    close(led!.points.data, [-2, 0], 1e-6);
    const [at, step] = [[0.7, -0.4], 1e-6];
    const slopes = await others.along(points(at));
    for (let k = 0; k < 2; k++) {
      const moved = (sign: number) => points(at.map((value, j) => value + (j === k ? sign * step : 0)));
      const [up, down] = [await others.at(moved(1)), await others.at(moved(-1))];
      for (let e = 0; e < 3; e++) {
        expect(slopes.data[3 * k + e]).toBeCloseTo((up.data[e]! - down.data[e]!) / (2 * step), 5);
      }
    }
  });

  it("splits a point along the direction in which the equations change least", async () => {
    // At (0, 0), between roots at ±0.1: u² leaves u open and v is fixed, so the pair lies along u.
    const equations = twoRoots(0.1);
    const split = (await splitWeakest(equations, points([1e-3, 0]), [1e-4], 1, 2))!;
    expect(split.rows).toBe(2);
    expect(Math.abs(split.data[1]!)).toBeLessThan(1e-9);
    // Half of the distance: 2 · misfit over the slope 2u = 2e-3.
    close([Math.abs(split.data[0]! - 1e-3), Math.abs(split.data[2]! - 1e-3)], [0.1, 0.1], 1e-9);
    expect(await splitWeakest(equations, points([1e-3, 0]), [1e-4], 2, 2)).toBeUndefined();
  });
});

it("draws points whose inputs lie in the box, all over what it leaves of the span", () => {
  // Inputs (u, v, u + v) and a bias entry of 1, from coordinates of the span of (1, 0, 1), (0, 1, 1) and the bias.
  const s = Math.sqrt(0.5);
  const t = Math.sqrt(1 / 6);
  const basis = matrix(4, 3, [s, -t, 0, 0, 2 * t, 0, s, t, 0, 0, 0, 1]);
  const coordinates = spanCoordinates(basis, true);
  const bounds = { lower: [-1, -1, -1], upper: [1, 1, 1] };
  const drawn = boxPoints(basis, coordinates, bounds, 400, rng("box"));
  const found = Array.from({ length: 400 }, (_, i) => {
    const c = coordinates.inputsOf(drawn.data.slice(2 * i, 2 * i + 2), 1);
    return [0, 1, 2, 3].map((j) => [0, 1, 2].reduce((sum, k) => sum + basis.data[j * 3 + k]! * c.data[k]!, 0));
  });
  for (const [u, v, w, one] of found) {
    expect(Math.max(Math.abs(u!), Math.abs(v!), Math.abs(w!))).toBeLessThanOrEqual(1 + 1e-9);
    expect(u! + v!).toBeCloseTo(w!, 9);
    expect(one).toBeCloseTo(1, 9);
  }
  // |u + v| ≤ 1 leaves the hexagon with corners (1, 0), (0, 1), (−1, 1), ...; mean square of u in it is 5/18.
  const outer = found.filter((_, i) => i % 2 === 0);
  const square = outer.reduce((sum, [u]) => sum + u! ** 2 / outer.length, 0);
  expect(Math.abs(square - 5 / 18)).toBeLessThan(0.08);
});

it("takes a gradient's spaces only where its singular values leave a gap behind the number of samples", async () => {
  const diagonal = (...values: number[]): Matrix => {
    const a = matrix(values.length, values.length);
    values.forEach((value, i) => {
      a.data[i * values.length + i] = value;
    });
    return a;
  };

  const clear = await gradientSpaces(diagonal(1, 0.5, 1e-8, 1e-8), 2, "float32", plainProduct);
  expect(clear!.rows.cols).toBe(2);
  expect(clear!.gap).toBeGreaterThan(1e6);
  expect(await gradientSpaces(diagonal(1, 0.5, 0.3, 1e-8), 2, "float32", plainProduct)).toBeUndefined();
  expect(await gradientSpaces(diagonal(1, 0.5), 2, "float64", plainProduct)).toBeUndefined();
});
