import { linear, matmul, mul, onnxruntime, square, sub, sum, tanh } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { clipEntry } from "../defences/channel/clip-entry.ts";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { pruneMagnitude } from "../defences/channel/prune-magnitude.ts";
import { pruneRandom } from "../defences/channel/prune-random.ts";
import { quantise } from "../defences/channel/quantise.ts";
import { sign } from "../defences/channel/sign.ts";
import type { Defence, Model, Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { drawNormal } from "../testing/draw.ts";
import { type PlantedCase, plantCase } from "../testing/planted-case.ts";
import { testAttack } from "../testing/test-attack.ts";
import { visibleEntries } from "./visible.ts";

const executor = onnxruntime({ threads: 1 });

/** 6 → 200 tanh with biases → 1, half the squared error summed: biases show signs and lengths. */
const victim: Model = (() => {
  const shapes = { w: [200, 6], b: [200], a: [1, 200] };
  return {
    name: "two-layer",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [6] },
    target: { shape: [1], kind: "real" as const },
    lossKind: "sum-squared-error",
    init: (random: Rng) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawNormal(shape, random.split(name))])),
    forward: (p, data) => matmul(tanh(linear(data.input!, p.w!, p.b!)), p.a!, { transposeB: true }),
    loss: (output, data) => mul(sum(square(sub(output, data.target!))), 0.5),
  } satisfies Model;
})();

const known = { batchSize: 2, defenceKind: true, defenceParams: true };
const plant = (random: Rng, ...defences: Defence[]): PlantedCase =>
  plantCase(random, { model: victim, batch: 2, defences, known });

testAttack(visibleEntries, {
  reference: (random) => plant(random, pruneMagnitude({ rate: 0.5 })),
  drawn: (random) => {
    const defences = [
      pruneMagnitude({ rate: 0.9 }),
      pruneRandom({ rate: 0.8 }),
      sign(),
      quantise({ bits: 3 }),
      clipEntry({ quantile: 0.5 }),
    ];
    return plant(random, defences[random.split("defence").integer(defences.length)]!);
  },
  refused: (random) => plant(random).problem,
  unidentifiable: (random) => plant(random, pruneMagnitude({ rate: 1 })).problem,
  tolerance: 1e-6,
  runs: 1,
  executor: () => onnxruntime({ threads: 1 }),
});

async function attack(problem: Problem, options = {}): Promise<Solution> {
  const context = { executor, budget: { evaluations: 1000 }, rng: rng("attack"), signal: new AbortController().signal };
  for await (const event of visibleEntries(options).run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

describe("visibleEntries", () => {
  it("says that nothing is left where everything was removed", async () => {
    const { verdict, reason, certificate } = await attack(plant(rng(1), pruneMagnitude({ rate: 1 })).problem);
    expect(verdict).toBe("not identifiable");
    expect(reason).toMatch(/every entry was removed/);
    expect(certificate.level).toBe("none");
  });

  it("says that too few entries were left", async () => {
    const { verdict, reason } = await attack(plant(rng(2), pruneRandom({ rate: 0.995 })).problem);
    expect(verdict).toBe("not identifiable");
    expect(reason).toMatch(/do not determine 14 unknowns/);
  });

  it("refuses noise and observations that nothing happened to", () => {
    const applies = (...defences: Defence[]) => visibleEntries().applies(plant(rng(3), ...defences).problem);
    expect(applies(gaussianNoise({ std: 0.1 }))).toEqual({ reason: expect.stringMatching(/adds noise/) });
    expect(applies()).toEqual({ reason: expect.stringMatching(/no channel/) });
    expect(applies(pruneRandom({ rate: 0.5 }))).toBe(true);
  });

  it("is closer behind rounding than who takes what was sent for the gradient, and claims no more than consistency", async () => {
    const { problem, truth } = plant(rng(4), quantise({ bits: 4 }));
    const aware = await attack(problem);
    const oblivious = await attack(problem, { entries: "as-sent" });
    expect(["none", "consistent"]).toContain(aware.certificate.level);
    expect(batchError(aware.value.input, truth.input)).toBeLessThan(
      0.5 * batchError(oblivious.value.input, truth.input),
    );
  });

  it("claims no more than consistency behind signs, which many inputs explain", async () => {
    const { certificate } = await attack(plant(rng(5), sign()).problem);
    expect(["none", "consistent"]).toContain(certificate.level);
  });

  it("names an option that it does not have", () => {
    expect(() => visibleEntries({ start: 1 } as object)).toThrow(/no option "start". Allowed: entries, restarts/);
    expect(() => visibleEntries({ restarts: 0 })).toThrow(/1 or more/);
  });
});
