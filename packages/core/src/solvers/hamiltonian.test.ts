import { describe, expect, test } from "vitest";
import { cholesky } from "../linear-algebra/cholesky.ts";
import { identityMatrix, matrix } from "../linear-algebra/matrix.ts";
import { plainProduct } from "../linear-algebra/multiply.ts";
import { rng } from "../random.ts";
import { effectiveSamples, splitRHat } from "./chain-diagnostics.ts";
import { dualAveraging } from "./dual-averaging.ts";
import { hamiltonian, type PopulationDensity } from "./hamiltonian.ts";
import { denseMass, diagonalMass, type Mass } from "./mass.ts";
import { type SampledChains, sampleChains } from "./sample-chains.ts";

/** A density from f and ∇f at one point. */
const density =
  (f: (x: Float64Array) => readonly [number, readonly number[]]): PopulationDensity =>
  async (points) =>
    points.map((x) => {
      const [value, gradient] = f(x);
      return { value, gradient: Float64Array.from(gradient), finite: Number.isFinite(value) };
    });

async function sampled(
  of: PopulationDensity,
  mass: Mass,
  { warmUp = 100, draws = 500, chains = 6, seed = 1 } = {},
): Promise<SampledChains> {
  const sampler = hamiltonian({ density: of, mass });
  const random = rng(seed);
  const starts = Array.from({ length: chains }, (_, c) => mass.displacement(random.split(`start ${c}`)));
  for await (const event of sampleChains({ sampler, starts, warmUp, draws, rng: random })) {
    if (event.kind === "result") return event;
  }
  throw new Error("no result");
}

/** Mean of a function over all draws, and its standard error by the effective sample size. */
function average(result: SampledChains, f: (x: Float64Array) => number): { mean: number; error: number } {
  const chains = result.chains.map((chain) => chain.map(f));
  const all = chains.flat();
  const mean = all.reduce((total, value) => total + value, 0) / all.length;
  const variance = all.reduce((total, value) => total + (value - mean) ** 2, 0) / (all.length - 1);
  return { mean, error: Math.sqrt(variance / effectiveSamples(chains)) };
}

const within = ({ mean, error }: { mean: number; error: number }, truth: number): number =>
  Math.abs(mean - truth) / error;

describe("Hamiltonian Monte Carlo", () => {
  // Covariance [[4, 1.2], [1.2, 1]], so precision 1 / 2.56 [[1, −1.2], [−1.2, 4]].
  const precision = matrix(2, 2, [1 / 2.56, -1.2 / 2.56, -1.2 / 2.56, 4 / 2.56]);
  const normal = density(([a, b]) => {
    const [u, v] = [a! - 3, b! + 1];
    const gradient = [(u - 1.2 * v) / 2.56, (-1.2 * u + 4 * v) / 2.56];
    return [0.5 * (u * gradient[0]! + v * gradient[1]!), gradient];
  });

  for (const [name, mass] of [
    [
      "its precision as mass",
      async () => denseMass(await cholesky(matrix(2, 2, precision.data.slice()), { product: plainProduct })),
    ],
    ["a unit mass", async () => diagonalMass(Float64Array.of(1, 1))],
  ] as const) {
    test(`draws a normal density with ${name}: mean (3, −1), covariance 4, 1.2, 1`, async () => {
      const result = await sampled(normal, await mass());
      expect(result.ended).toBe("complete");
      expect(result.divergences).toBe(0);
      expect(
        within(
          average(result, ([a]) => a!),
          3,
        ),
      ).toBeLessThan(4);
      expect(
        within(
          average(result, ([, b]) => b!),
          -1,
        ),
      ).toBeLessThan(4);
      expect(
        within(
          average(result, ([a]) => (a! - 3) ** 2),
          4,
        ),
      ).toBeLessThan(4);
      expect(
        within(
          average(result, ([a, b]) => (a! - 3) * (b! + 1)),
          1.2,
        ),
      ).toBeLessThan(4);
      expect(
        within(
          average(result, ([, b]) => (b! + 1) ** 2),
          1,
        ),
      ).toBeLessThan(4);
      expect(average(result, ([a]) => a!).error).toBeLessThan(0.15);
      expect(splitRHat(result.chains.map((chain) => chain.map(([a]) => a!)))).toBeLessThan(1.05);
    });
  }

  test("draws a banana, x ~ N(0, 1) and y | x ~ N(x², 1): E y = 1, Var y = 3, E x² y = 3", async () => {
    const banana = density(([x, y]) => {
      const bend = y! - x! * x!;
      return [0.5 * x! * x! + 0.5 * bend * (y! - x! * x!), [x! - 2 * x! * bend, bend]];
    });
    const result = await sampled(banana, diagonalMass(Float64Array.of(1, 1)), { draws: 1500, warmUp: 200 });
    expect(
      within(
        average(result, ([x]) => x!),
        0,
      ),
    ).toBeLessThan(4);
    expect(
      within(
        average(result, ([, y]) => y!),
        1,
      ),
    ).toBeLessThan(4);
    expect(
      within(
        average(result, ([, y]) => (y! - 1) ** 2),
        3,
      ),
    ).toBeLessThan(4);
    expect(
      within(
        average(result, ([x, y]) => x! * x! * y!),
        3,
      ),
    ).toBeLessThan(4);
    expect(average(result, ([, y]) => y!).error).toBeLessThan(0.15);
  });

  test("repeats itself, and stops where the density does", async () => {
    const mass = denseMass(identityMatrix(2));
    const [a, b] = [await sampled(normal, mass, { draws: 20 }), await sampled(normal, mass, { draws: 20 })];
    expect(a).toEqual(b);
    let left = 200;
    const limited: PopulationDensity = async (points) => (left-- > 0 ? normal(points) : undefined);
    const stopped = await sampled(limited, mass, { warmUp: 20, draws: 5000 });
    expect(stopped.ended).toBe("stopped");
    expect(stopped.chains[0]!.length).toBeGreaterThan(10);
  });

  test("a place without a finite density is never entered", async () => {
    const half = density(([x]) => (x! > 0 ? [0.5 * x! * x!, [x!]] : [Number.POSITIVE_INFINITY, [0]]));
    const sampler = hamiltonian({ density: half, mass: diagonalMass(Float64Array.of(1)) });
    const starts = [Float64Array.of(0.5), Float64Array.of(1)];
    for await (const event of sampleChains({ sampler, starts, warmUp: 50, draws: 300, rng: rng(3) })) {
      if (event.kind === "result") {
        expect(event.chains.flat().every(([x]) => x! > 0)).toBe(true);
        expect(event.divergences).toBeGreaterThan(0);
        // E |Z| = √(2/π).
        expect(
          within(
            average(event, ([x]) => x!),
            Math.sqrt(2 / Math.PI),
          ),
        ).toBeLessThan(5);
      }
    }
  });
});

describe("dual averaging", () => {
  test("finds the step at which the acceptance is the one aimed at", () => {
    const part = dualAveraging({ acceptance: 0.7 });
    let state = part.init(10);
    for (let t = 0; t < 2000; t++) state = part.update(state, Math.exp(-state.step));
    expect(state.average).toBeCloseTo(-Math.log(0.7), 2);
  });
});

describe("chain diagnostics", () => {
  const autoregressive = (share: number, n: number, seed: number): number[] => {
    const r = rng(seed);
    let x = r.normal() / Math.sqrt(1 - share * share);
    return Array.from({ length: n }, () => (x = share * x + r.normal()));
  };

  test("independent draws count fully, those of an autoregression (1 − φ) / (1 + φ)", () => {
    const count = (share: number): number =>
      effectiveSamples(Array.from({ length: 4 }, (_, c) => autoregressive(share, 4000, c))) / 16_000;
    expect(count(0)).toBeGreaterThan(0.9);
    expect(count(0.5) / (1 / 3)).toBeCloseTo(1, 0.9);
    expect(count(0.9) / (0.1 / 1.9)).toBeCloseTo(1, 0.7);
  });

  test("R-hat is 1 for chains that agree, and large for chains apart", () => {
    const chains = Array.from({ length: 4 }, (_, c) => autoregressive(0, 500, c));
    expect(splitRHat(chains)).toBeLessThan(1.02);
    // Two at 0 and two at 3: B/n = 4 · 1.5² · 2 / 7, W = 1, so R̂² ≈ 1 + 18 / 7.
    const apart = chains.map((chain, c) => chain.map((value) => value + (c < 2 ? 0 : 3)));
    expect(splitRHat(apart)).toBeCloseTo(Math.sqrt(1 + 18 / 7), 1);
    // A drift within one chain shows too, since halves are compared.
    expect(splitRHat([Array.from({ length: 100 }, (_, t) => t)])).toBeGreaterThan(1.5);
    expect(() => splitRHat([[1, 2, 3]])).toThrow(/four draws a chain/);
  });
});
