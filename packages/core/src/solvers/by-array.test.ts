import { expect, it } from "vitest";
import { vector } from "../testing/minima.ts";
import { testSolver } from "../testing/test-solver.ts";
import { scaleByAdam } from "./adam.ts";
import { byArray } from "./by-array.ts";
import { descent } from "./descent.ts";
import { minimise } from "./minimise.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { scale } from "./scale.ts";
import { hardSign } from "./sign.ts";
import { finish } from "./solver.ts";
import { chain } from "./transform.ts";

// ½ (a² + 9 b²) at a = 4, b = 2: gradient (4, 18).
const bowl = async ({ a, b }: { readonly [name: string]: { readonly data: ArrayLike<number> } }) => {
  const [x, y] = [a!.data[0]!, b!.data[0]!];
  return { value: (x * x + 9 * y * y) / 2, gradient: { a: vector([x]), b: vector([9 * y]) } };
};
const start = { a: vector([4]), b: vector([2]) };

it("moves each array by its own rule", async () => {
  const update = byArray({ b: chain(hardSign(), scale(0.5)), a: scale(0.25) });
  const { x } = await finish(minimise({ objective: bowl, start, steps: 2, update, keepBest: false }));
  // The iterate of step 1, where the second evaluation was made: a − ¼ · 4, b − ½ · 1.
  expect([x.a!.data[0], x.b!.data[0]]).toEqual([3, 1.5]);
});

it("moves arrays without a rule along the plain gradient, and names one that is no unknown", async () => {
  const run = (name: string) =>
    finish(minimise({ objective: bowl, start, steps: 2, update: byArray({ [name]: scale(1) }), keepBest: false }));
  expect((await run("b")).x.a!.data[0]).toBe(4 - 4);
  await expect(run("c")).rejects.toThrow(/"c" is no unknown. The unknowns are: a, b/);
});

it("lowers the rate once the objective stays above its least value for more than `patience` steps", () => {
  const rule = reduceOnPlateau({ rate: 1, factor: 0.5, patience: 2 });
  const state = rule.init(1);
  const steps = [8, 4, 4, 4, 4, 4, 4, 4, 2].map((value, step) => {
    const u = Float64Array.of(1);
    rule.update(u, state, { step, steps: 9, value });
    return u[0];
  });
  // New least values at 8, 4 and 2; the third step in a row without one is the sixth.
  expect(steps).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
  expect(() => reduceOnPlateau({ rate: 1, factor: 2, patience: 1 })).toThrow(/factor/);
});

it("projects after every second step where that is asked for", async () => {
  const seen: number[] = [];
  const objective = async (x: Parameters<typeof bowl>[0]) => {
    seen.push(x.a!.data[0]!);
    return bowl(x);
  };
  const project = () => (x: Float64Array) => {
    x[0] = Math.max(x[0]!, 3.5);
  };
  await finish(minimise({ objective, start, steps: 3, update: byArray({ a: scale(0.25) }), project, projectEvery: 2 }));
  expect(seen).toEqual([4, 3, 3.5]);
});

testSolver(
  () => descent({ update: byArray({ x: chain(scaleByAdam(), reduceOnPlateau({ rate: 0.1, patience: 50 })) }) }),
  { evaluations: 2000, tolerance: 1e-3 },
);
