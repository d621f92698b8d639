import { cosineDecay, stepDecay } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { vector, vectorObjective } from "../testing/minima.ts";
import { testSolver } from "../testing/test-solver.ts";
import { scaleByAdam } from "./adam.ts";
import { projectBox } from "./box.ts";
import { descent } from "./descent.ts";
import { langevin } from "./langevin.ts";
import { minimise } from "./minimise.ts";
import { scale } from "./scale.ts";
import { hardSign, softSign } from "./sign.ts";
import { finish } from "./solver.ts";
import { chain } from "./transform.ts";

const adam = () => chain(scaleByAdam(), scale(cosineDecay({ rate: 0.1 })));
const hard = () => chain(hardSign(), scaleByAdam(), scale(stepDecay({ rate: 0.05 })));
const soft = () => chain(softSign(), scaleByAdam(), scale(cosineDecay({ rate: 0.1, warmUp: 50 })));
const noisy = () =>
  chain(langevin({ amount: 0.01, rate: 0.1, rng: rng(3) }), scaleByAdam(), scale(stepDecay({ rate: 0.1 })));
const box = { x: { lower: -10, upper: 10 } };

testSolver(() => descent({ update: adam() }), { evaluations: 2000, tolerance: 1e-4 });
testSolver(() => descent({ update: hard(), project: projectBox(box) }), {
  evaluations: 2000,
  tolerance: 0.1,
  bounded: true,
});
testSolver(() => descent({ update: soft(), project: projectBox(box) }), {
  evaluations: 2000,
  tolerance: 1e-3,
  bounded: true,
});
testSolver(() => descent({ update: noisy() }), { evaluations: 2000, tolerance: 0.1 });

const parabola = vectorObjective((x) => ({ value: 50 * x[0]! ** 2, gradient: [100 * x[0]!] }));
const at = (...values: number[]) => ({ x: vector(values) });

describe("minimise", () => {
  it("plain gradient descent: x₁ = x₀ − rate · f′, so 1 → 0 at rate 1/100", async () => {
    const result = await finish(minimise({ objective: parabola, start: at(1), update: scale(0.01), steps: 5 }));
    expect(result).toMatchObject({ outcome: "converged", value: 0, steps: 1, evaluations: 2 });
  });

  it("says diverged, keeps the best point, when the rate is too large", async () => {
    const result = await finish(minimise({ objective: parabola, start: at(1), update: scale(0.1), steps: 1000 }));
    expect(result.outcome).toBe("diverged");
    expect(result.value).toBe(50);
    expect(Array.from(result.x.x!.data)).toEqual([1]);
  });

  it("says that the objective ended above its start when the budget ends before the overflow", async () => {
    const result = await finish(minimise({ objective: parabola, start: at(1), update: scale(0.021), steps: 30 }));
    expect(result.outcome).toBe("evaluations spent");
    expect(result.reason).toMatch(/above its start/);
    expect(result.value).toBe(50);
  });

  it("first Adam step is the rate times the sign of the gradient", async () => {
    const update = chain(scaleByAdam({ epsilon: 0 }), scale(0.25));
    const events = minimise({ objective: parabola, start: at(1), update, steps: 2, keepBest: false });
    expect((await finish(events)).x.x!.data[0]).toBeCloseTo(0.75, 15);
  });

  it("projects the start and every step", async () => {
    const seen: number[] = [];
    const objective = vectorObjective((x) => {
      seen.push(x[0]!);
      return { value: x[0]!, gradient: [1] };
    });
    const project = projectBox({ x: { lower: 0, upper: 2 } });
    const result = await finish(minimise({ objective, start: at(9), update: scale(1.5), steps: 9, project }));
    expect(seen).toEqual([2, 0.5, 0]);
    expect(result.outcome).toBe("converged");
  });

  it("stalls after the given patience", async () => {
    const objective = vectorObjective(() => ({ value: 1, gradient: [1] }));
    const result = await finish(minimise({ objective, start: at(0), update: scale(1), steps: 100, patience: 7 }));
    expect(result).toMatchObject({ outcome: "stalled", steps: 7 });
  });

  it("stops at the target", async () => {
    const options = { objective: parabola, start: at(1), update: scale(0.005), steps: 100, target: 4 };
    const result = await finish(minimise(options));
    expect(result).toMatchObject({ outcome: "converged", evaluations: 3, value: 50 / 16 });
  });

  it("passes on what the objective throws", async () => {
    const objective = async (): Promise<never> => {
      throw new RangeError("no such device");
    };
    await expect(finish(minimise({ objective, start: at(0), update: scale(1), steps: 3 }))).rejects.toThrow(
      "no such device",
    );
  });

  it("names the gradient that does not fit", async () => {
    const objective = async () => ({ value: 1, gradient: { y: vector([1]) } });
    const run = finish(minimise({ objective, start: at(0), update: scale(1), steps: 3 }));
    await expect(run).rejects.toMatchObject({ code: "objective-shape" });
  });

  it("refuses a state of another chain", async () => {
    const options = { objective: parabola, start: at(1), steps: 5 };
    const { state } = await finish(minimise({ ...options, update: scale(0.001) }));
    const other = finish(minimise({ ...options, update: chain(scaleByAdam(), scale(1)), resume: state }));
    await expect(other).rejects.toMatchObject({ code: "bad-resume" });
  });

  it("lets timers fire although the objective never waits", async () => {
    const signal = AbortSignal.timeout(100);
    const result = await finish(
      minimise({ objective: parabola, start: at(1), update: scale(1e-9), steps: 1e9, signal }),
    );
    expect(result.outcome).toBe("aborted");
  });

  it("a sign-Adam step costs little beyond the objective at 3072 unknowns", async () => {
    const size = 3072;
    const gradient = { x: vector(Float64Array.from({ length: size }, (_, i) => Math.sin(i) + 0.01)) };
    const start = { x: vector(new Float64Array(size)) };
    const project = projectBox({ x: { lower: -1e3, upper: 1e3 } });
    // Processor time, since other work on the machine is not the solver's.
    const begun = process.cpuUsage();
    await finish(
      minimise({ objective: async () => ({ value: 1, gradient }), start, update: hard(), project, steps: 2000 }),
    );
    // About .04 ms here alone; the machine may be busy.
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1000 / 2000, "ms per step").toBeLessThan(1);
  });
});
