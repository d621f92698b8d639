import {
  add,
  constant,
  type Executor,
  gru,
  linear,
  log,
  mean,
  mul,
  type NdArray,
  onnxruntime,
  square,
  sub,
  sum,
} from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { gaussianNoise } from "../defences/index.ts";
import { observationGraph, parameterValues } from "../operators/observation-graph.ts";
import { gaussian } from "../priors/gaussian.ts";
import type { EnergyPrior, Model, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { evaluateScalar, observeBatch } from "../testing/evaluate.ts";
import { type PlantedCase, plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { entryAccuracies, sizesOf } from "./gauss-newton/accuracies.ts";
import { quadraticPrior } from "./gauss-newton/quadratic-prior.ts";
import { gaussNewton } from "./gauss-newton.ts";
import { forecastOf, rangesOf, readableEntries } from "./readable-entries.ts";
import { withLinearLoss } from "./settled-target.ts";

const executor: Executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** A recurrent net over `steps` numbers with a linear head, under squared error. */
function recurrent(steps: number, width = 8, outputs = 3, scale = 1): Model {
  const shapes: Record<string, readonly number[]> = {
    input: [3 * width, 1],
    hidden: [3 * width, width],
    inputBias: [3 * width],
    hiddenBias: [3 * width],
    head: [outputs, width],
    headBias: [outputs],
  };
  return {
    name: "recurrent",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [steps, 1] },
    target: { shape: [outputs], kind: "real" },
    lossKind: "mean-squared-error",
    init: (random) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const stream = random.split(name);
          const size = shape.reduce((n, extent) => n * extent, 1);
          const data = Float64Array.from({ length: size }, () => (scale * stream.normal()) / Math.sqrt(width));
          return [name, { shape, data }];
        }),
      ),
    forward: (p, { input }) => {
      const { last } = gru(input!, {
        input: p.input!,
        hidden: p.hidden!,
        inputBias: p.inputBias!,
        hiddenBias: p.hiddenBias!,
      });
      return linear(last, p.head!, p.headBias!);
    },
    loss: (output, { target }) => mean(square(sub(output, target!))),
  };
}

async function attacked(problem: Problem, priors: readonly EnergyPrior[] = []): Promise<Solution> {
  const context = { executor, budget: { evaluations: 4000 }, rng: rng("attack"), signal: new AbortController().signal };
  for await (const event of gaussNewton({}, priors).run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

/** ½ Σ w x², w = 4 / (.03 + x₀²): touches 2 Σ log(1 + x² / .03) at x₀ from above. */
function touching(at: NdArray): EnergyPrior {
  const weights = constant(
    Float64Array.from(at.data, (x) => 4 / (0.03 + x ** 2)),
    at.shape,
  );
  return { ...gaussian(), name: "touching", energy: (x) => mul(sum(mul(weights, square(x))), 0.5) };
}

const known = { batchSize: 1 };
const errorOf = ({ value }: Solution, { truth }: PlantedCase): number =>
  Math.sqrt(
    Array.from(value.input!.data).reduce((total, x, i) => total + (x - truth.input.data[i]!) ** 2, 0) /
      value.input!.data.length,
  );

describe("gaussNewton", () => {
  it("recovers the input of a recurrent net from its gradient, the target exactly, and claims no more than consistent", async () => {
    for (const seed of [1, 2, 3]) {
      const planted = plantCase(rng(seed), { model: recurrent(6), known });
      const solution = await attacked(planted.problem, [gaussian({ std: 1 })]);
      expect(errorOf(solution, planted)).toBeLessThan(1e-5);
      const target = solution.value.target!.data;
      planted.truth.target.data.forEach((y, i) => {
        expect(Math.abs(target[i]! - y)).toBeLessThan(1e-9);
      });
      expect(solution.certificate.level).toBe("consistent");
      expect(solution.verdict).toBe("partial");
    }
  });

  it("is surer of late steps than of early ones, behind noise", async () => {
    const defences = [gaussianNoise({ rel_noise: 1e-4 })];
    const planted = plantCase(rng(4), { model: recurrent(8, 16, 3, 0.2), known, defences });
    const solution = await attacked(planted.problem, [gaussian({ mean: 0.2, std: 1 })]);
    const stds = solution.uncertainty!.input!.data;
    expect(stds[7]).toBeLessThan(stds[2]! / 3);
    expect(Math.abs(solution.value.input!.data[7]! - planted.truth.input.data[7]!)).toBeLessThan(0.1);
  });

  it("foretells which steps those are", async () => {
    // Half a state is left after each step, whatever the weights: numbers of about one, in a box of that size.
    const planted = plantCase(rng(4), { model: recurrent(40, 6, 3, 0.2), known, precision: "float32" });
    const bound = (value: number) => ({ shape: [], data: Float64Array.of(value) });
    const problem = { ...planted.problem, domain: { ...planted.problem.domain, lower: bound(-2), upper: bound(2) } };
    const { readable, stds } = await readableEntries(problem, executor, { rng: rng("forecast") });
    expect(stds).toHaveLength(40);
    expect(readable).toContain(39);
    expect(readable).not.toContain(10);
    const forecast = await gaussNewton().foresee!(problem, {
      executor,
      rng: rng("forecast"),
      signal: new AbortController().signal,
    });
    expect(forecast).toContain(`${readable.length} of 40 entries`);
    expect(forecast).toMatch(/ Of others a prior speaks\.$/);
    expect(forecastOf({ stds: Float64Array.of(0.01, 0.02), readable: [0, 1] })).toBe(
      "The observation can tell 2 of 2 entries of the input to within 0.05 of their range.",
    );
    expect(rangesOf([0, 2, 3, 4, 9])).toBe("1, 3-5, 10");
  });

  it("weighs noise against the prior", async () => {
    const defences = [gaussianNoise({ rel_noise: 0.01 })];
    const planted = plantCase(rng(5), { model: recurrent(6), known, defences });
    const solution = await attacked(planted.problem, [gaussian({ std: 1 })]);
    expect(errorOf(solution, planted)).toBeLessThan(0.8);
    expect(solution.value.target!.data.every(Number.isFinite)).toBe(true);
  });

  it("goes on under a prior with heavy tails, which its quadratic energies stand for", async () => {
    const std = 0.02;
    const planted = plantCase(rng(5), { model: recurrent(6), known, defences: [gaussianNoise({ std })] });
    const heavy: EnergyPrior = {
      ...gaussian({ std: 1 }),
      name: "heavy",
      energy: (x) => mul(sum(log(add(mul(square(x), 1 / 0.03), 1))), 2),
      quadratic: (at) => (at === undefined ? gaussian({ std: 1 }) : touching(at)),
    };
    const cost = async ({ value }: Solution): Promise<number> => {
      const { problem } = planted;
      const seen = observeBatch(problem.operator, problem.model, problem.params, {
        input: value.input!,
        target: value.target!,
      });
      const misfit = Object.entries(seen).flatMap(([name, { data }]) =>
        Array.from(data, (entry, i) => (entry - problem.observation[name]!.data[i]!) / std),
      );
      const energy = evaluateScalar(({ x }) => heavy.energy(x!), { x: value.input! });
      return misfit.reduce((total, r) => total + (r * r) / 2, energy);
    };
    const [plain, tails] = [
      await attacked(planted.problem, [gaussian({ std: 1 })]),
      await attacked(planted.problem, [heavy]),
    ];
    expect(await cost(tails)).toBeLessThan(await cost(plain));
  });

  it("refuses what it cannot do, in words", () => {
    const attack = gaussNewton({ mostUnknowns: 4 });
    const reason = (planted: PlantedCase): string => {
      const answer = attack.applies(planted.problem);
      return answer === true ? "" : answer.reason;
    };
    expect(reason(plantCase(rng(6), { model: recurrent(6), known }))).toMatch(/6 unknowns are more than 4/);
    expect(reason(plantCase(rng(6), { model: recurrent(3), batch: 2, known: { batchSize: 2 } }))).toMatch(
      /batch of one/,
    );
    expect(reason(plantCase(rng(6), { model: referenceModel({ inputs: 3 }), known }))).toMatch(
      /only under squared error/,
    );
  });
});

describe("entryAccuracies", () => {
  it("says what float32 arithmetic costs entries of every size", async () => {
    for (const seed of [1, 2, 3]) {
      const { problem, truth } = plantCase(rng(seed), {
        model: recurrent(40, 32, 3, 1),
        known,
        precision: "float32",
      });
      const program = observationGraph(withLinearLoss(problem).model, problem.operator, 1);
      const values = { ...parameterValues(problem.params), ...truth };
      const [sent, exact] = await Promise.all(
        (["float32", "float64"] as const).map(async (precision) => {
          const compiled = await executor.compile(program, { precision });
          return compiled.run(values).finally(() => compiled.dispose());
        }),
      );
      const accuracies = entryAccuracies(problem, sent!, sizesOf({ ...problem, observation: sent! }));
      const [size, off, sigma] = [sent!.hidden!.data, exact!.hidden!.data, accuracies.hidden!];
      const order = Array.from(sigma.keys()).sort((i, j) => sigma[i]! - sigma[j]!);
      const tenth = Math.floor(order.length / 10);
      const inStds = (which: readonly number[]): number =>
        Math.sqrt(which.reduce((total, i) => total + ((size[i]! - off[i]!) / sigma[i]!) ** 2, 0) / which.length);
      // The least tenth is off by hundreds of times less than the greatest, and both by about what is said.
      expect(sigma[order[0]!]! * 20).toBeLessThan(sigma[order.at(-1)!]!);
      for (let part = 0; part < 10; part++) {
        const errors = inStds(order.slice(part * tenth, (part + 1) * tenth));
        expect(errors).toBeLessThan(2);
        expect(errors).toBeGreaterThan(0.05);
      }
    }
  });

  it("never below the noise that is known to be there", () => {
    const defences = [gaussianNoise({ std: 0.5 })];
    const { problem } = plantCase(rng(1), { model: recurrent(4), known, defences });
    for (const each of Object.values(entryAccuracies(problem, problem.observation, sizesOf(problem)))) {
      expect(Math.min(...each)).toBe(0.5);
    }
  });
});

describe("quadraticPrior", () => {
  it("is the energy itself, up to a constant", async () => {
    const prior = gaussian({ mean: 0.3, std: 0.5 });
    const { residual, centre } = await quadraticPrior([prior, gaussian({ mean: -1, std: 2 })], [1, 3], executor);
    const half = (x: Float64Array): number => residual(x).reduce((total, r) => total + r * r, 0) / 2;
    const energyOf = (x: Float64Array): number =>
      x.reduce((total, v) => total + (v - 0.3) ** 2 / 0.5 + (v + 1) ** 2 / 8, 0);
    const [a, b] = [Float64Array.of(1, 2, -1), Float64Array.of(0, 0.5, 3)];
    expect(half(a) - half(b)).toBeCloseTo(energyOf(a) - energyOf(b), 6);
    expect(centre[0]).toBeCloseTo((0.3 * 4 - 1 / 4) / (4 + 1 / 4), 8);
  });

  it("refuses energies that are not quadratic", async () => {
    const absolute: EnergyPrior = {
      kind: "energy",
      name: "quartic",
      options: {},
      energy: (x) => sum(square(square(x))),
    };
    await expect(quadraticPrior([absolute], [1, 3], executor)).rejects.toMatchObject({ code: "prior-not-quadratic" });
  });
});
