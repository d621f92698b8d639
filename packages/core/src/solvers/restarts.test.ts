import { describe, expect, it } from "vitest";
import type { Rng } from "../random.ts";
import { rng } from "../random.ts";
import { vector, vectorObjective } from "../testing/minima.ts";
import { lbfgs } from "./lbfgs.ts";
import { type RestartsOptions, type RestartsResult, restarts } from "./restarts.ts";

/** Two wells: a deep one at 2 (f = 0) and a shallow one near −2. */
const wells = vectorObjective((x) => {
  const t = x[0]!;
  return { value: (t * t - 4) ** 2 + 0.5 * (t - 2) ** 2, gradient: [4 * t * (t * t - 4) + t - 2] };
});
const start = (draw: Rng) => ({ x: vector([3 * draw.normal()]) });
const discrepancy = async (x: Parameters<typeof wells>[0]) => (await wells(x)).value;
const base: RestartsOptions = {
  solver: lbfgs({ gradientTolerance: 1e-9 }),
  restarts: 8,
  objective: wells,
  start,
  rng: rng(2),
  evaluations: 800,
  discrepancy,
};

async function run(options: Partial<RestartsOptions>): Promise<RestartsResult> {
  for await (const event of restarts({ ...base, ...options })) if (event.kind === "result") return event;
  throw new Error("no result");
}

describe("restarts", () => {
  it("keeps the start with the least discrepancy", async () => {
    const result = await run({});
    expect(result.x.x!.data[0]).toBeCloseTo(2, 6);
    expect(result.starts).toHaveLength(8);
    expect(Math.max(...result.starts.map((one) => one.discrepancy))).toBeGreaterThan(5);
    expect(result.evaluations).toBe(result.starts.reduce((total, one) => total + one.evaluations, 0));
  });

  it("ranks by the discrepancy and not by the objective", async () => {
    // The prior alone prefers the shallow well by a wide margin.
    const result = await run({
      objective: async (x) => {
        const { value, gradient } = await wells(x);
        const t = x.x!.data[0]!;
        return { value: value + (t > 0 ? 1000 : 0), gradient };
      },
    });
    expect(result.x.x!.data[0]).toBeCloseTo(2, 5);
    expect(result.value).toBeGreaterThan(999);
  });

  it("stops early when the target is reached", async () => {
    const result = await run({ target: 1e-8 });
    expect(result.outcome).toBe("converged");
    expect(result.starts.length).toBeLessThan(8);
    expect(result.starts.length).toBe(result.restart + 1);
  });

  it("keeps to its budget and shares it", async () => {
    let calls = 0;
    const result = await run({
      restarts: 5,
      evaluations: 22,
      objective: (x) => {
        calls++;
        return wells(x);
      },
      discrepancy: (x) => {
        calls++;
        return discrepancy(x);
      },
    });
    expect(calls).toBeLessThanOrEqual(22);
    expect(result.evaluations).toBe(calls);
  });

  it("survives starts that diverge", async () => {
    const objective: typeof wells = async (x) => (x.x!.data[0]! < 0 ? { value: Number.NaN, gradient: x } : wells(x));
    const result = await run({ objective });
    expect(result.x.x!.data[0]).toBeCloseTo(2, 6);
    expect(result.starts.some((one) => one.outcome === "diverged")).toBe(true);
  });

  it("reports an abort and what it had by then", async () => {
    const controller = new AbortController();
    let calls = 0;
    const result = await run({
      signal: controller.signal,
      objective: (x) => {
        if (++calls === 30) controller.abort();
        return wells(x);
      },
    });
    expect(result.outcome).toBe("aborted");
    expect(calls).toBe(30);
    expect(Number.isFinite(result.discrepancy)).toBe(true);
  });

  it("is deterministic under the seed", async () => {
    expect((await run({})).starts).toEqual((await run({})).starts);
  });

  it.each([0, 1.5, Number.NaN])("%s restarts are a clear error", async (count) => {
    await expect(run({ restarts: count })).rejects.toMatchObject({ code: "bad-option" });
  });

  it("too small a budget is a clear error", async () => {
    await expect(run({ evaluations: 15 })).rejects.toThrow(/8 restarts need at least 16 evaluations/);
  });
});
