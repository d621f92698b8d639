import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { cubicMinimiser, type RayPoint, strongWolfe } from "./line-search.ts";

type Curve = (t: number) => readonly [value: number, slope: number];

const ray =
  (curve: Curve, seen: number[] = []) =>
  async (step: number): Promise<RayPoint> => {
    seen.push(step);
    const [value, slope] = curve(step);
    return { step, value, slope, finite: Number.isFinite(value) && Number.isFinite(slope) };
  };
const origin = (curve: Curve): RayPoint => ({ step: 0, value: curve(0)[0], slope: curve(0)[1], finite: true });

/** A falling start, a rough bowl with ripples: f = a (t − c)² + Σ bₖ sin(ωₖ t + φₖ), made to fall at 0. */
function drawCurve(seed: number): Curve {
  const draw = rng(seed);
  const width = 10 ** (6 * draw.uniform() - 3);
  const ripples = Array.from(
    { length: 3 },
    () => [0.3 * draw.normal(), 6 * draw.uniform(), 6 * draw.uniform()] as const,
  );
  const curve: Curve = (t) => {
    const u = t / width;
    let value = (u - 2) ** 2;
    let slope = 2 * (u - 2);
    for (const [b, omega, phase] of ripples) {
      value += b * Math.sin(omega * u + phase);
      slope += b * omega * Math.cos(omega * u + phase);
    }
    return [value, slope / width];
  };
  // Mirrored where it climbs at 0.
  return curve(0)[1] < 0 ? curve : (t) => [curve(-t)[0], -curve(-t)[1]];
}

describe("strongWolfe", () => {
  it("meets both conditions on drawn curves, whatever the first step", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.constantFrom(0.9, 0.5, 0.1),
        async (seed, decade, curvature) => {
          const curve = drawCurve(seed);
          const start = origin(curve);
          const { kind, point } = await strongWolfe(ray(curve), start, 10 ** decade, { curvature, maxEvaluations: 60 });
          expect(kind).toBe("strong");
          const [value, slope] = curve(point!.step);
          expect(value).toBeLessThanOrEqual(start.value + 1e-4 * point!.step * start.slope);
          expect(Math.abs(slope)).toBeLessThanOrEqual(curvature * Math.abs(start.slope));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes the first step when it will do", async () => {
    const seen: number[] = [];
    const curve: Curve = (t) => [(t - 1) ** 2, 2 * (t - 1)];
    expect(await strongWolfe(ray(curve, seen), origin(curve), 1)).toMatchObject({ kind: "strong", point: { step: 1 } });
    expect(seen).toEqual([1]);
  });

  it("comes back from where the objective is not finite", async () => {
    const curve: Curve = (t) => (t > 1 ? [Number.NaN, Number.NaN] : [-t - Math.log(1 - t) - t, -2 + 1 / (1 - t)]);
    const { kind, point } = await strongWolfe(ray(curve), origin(curve), 1000, { curvature: 0.5 });
    expect(kind).toBe("strong");
    expect(point!.step).toBeLessThan(1);
  });

  it("says that a line falls without bound", async () => {
    const curve: Curve = (t) => [-t, -1];
    expect((await strongWolfe(ray(curve), origin(curve), 1, { maxStep: 1e6 })).kind).toBe("unbounded");
  });

  it("fails honestly where the slope lies", async () => {
    const curve: Curve = (t) => [t, -1];
    expect(await strongWolfe(ray(curve), origin(curve), 1)).toEqual({ kind: "failed", point: undefined });
  });

  it("accepts by slopes alone where values differ by rounding only", async () => {
    // A bowl of depth 1e-20 on a floor of 1: its values are rounding, here one unit too high, but its slopes still tell.
    const curve: Curve = (t) => [t > 0 ? 1 + Number.EPSILON : 1, 2e-20 * (t - 1)];
    expect((await strongWolfe(ray(curve), origin(curve), 1.2, { curvature: 0.5 })).kind).toBe("approximate");
  });

  it("stops when the ray says so, with the best point met", async () => {
    const curve: Curve = (t) => [-t, -1];
    const plain = ray(curve);
    let left = 2;
    const limited = async (step: number): Promise<RayPoint | undefined> => (left-- > 0 ? plain(step) : undefined);
    expect(await strongWolfe(limited, origin(curve), 1)).toMatchObject({ kind: "stopped", point: { value: -10 } });
  });
});

describe("cubicMinimiser", () => {
  it("is exact on a cubic: t³ − 3t has its minimum at 1", () => {
    const f = (t: number): RayPoint => ({ step: t, value: t ** 3 - 3 * t, slope: 3 * t * t - 3, finite: true });
    expect(cubicMinimiser(f(0), f(3))).toBeCloseTo(1, 12);
    expect(cubicMinimiser(f(3), f(0.2))).toBeCloseTo(1, 12);
  });
});
