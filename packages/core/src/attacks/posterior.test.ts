import { add, matmul, mul, onnxruntime, square, sub, sum, type Tensor } from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { clipNorm } from "../defences/channel/clip.ts";
import { laplaceNoise } from "../defences/channel/laplace.ts";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { gaussian } from "../priors/gaussian.ts";
import type { Attack, Defence, EnergyPrior, Model, Operator, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { plantCase } from "../testing/planted-case.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";
import { posterior } from "./posterior.ts";
import { posteriorCurvature } from "./posterior-curvature.ts";
import { densityParts } from "./posterior-setting.ts";
import { credibleInterval, summarise } from "./posterior-summary.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const h = [
  [1, 0],
  [1, 1],
  [0, 2],
] as const;

/** x in ℝ², weights H [3, 2]; the gradient plays no part: what is observed is a function of H x. */
const model: Model = {
  name: "linear",
  options: {},
  parameters: { h: { shape: [3, 2] } },
  input: { shape: [2] },
  target: { shape: [1], kind: "real" },
  lossKind: "sum-squared-error",
  init: () => ({ h: { shape: [3, 2], data: Float64Array.from(h.flat()) } }),
  forward: (p, data) => matmul(data.input!, p.h!, { transposeB: true }),
  loss: (output, data) => sum(square(sub(sum(output, [1], true), data.target!))),
};

const observing = (f: (z: Tensor) => Tensor): Operator => ({
  name: "direct",
  options: {},
  observe: (m, p, data) => ({ h: f(m.forward(p, data, "eval")) }),
});

const told = { batchSize: 1, defenceKind: true, defenceParams: true };
const plant = (defences: readonly Defence[], f: (z: Tensor) => Tensor = (z) => z, seed = 1): Problem =>
  plantCase(rng(seed), { model, operator: observing(f), defences, known: told, labels: true }).problem;

async function solve(attack: Attack, problem: Problem, evaluations = 20_000): Promise<Solution> {
  const context = { executor, budget: { evaluations }, rng: rng(5), signal: new AbortController().signal };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

/** HᵀH / .25 + I = [[9, 4], [4, 21]], whose inverse is 1 / 173 [[21, −4], [−4, 9]]. */
const covariance = [21 / 173, -4 / 173, -4 / 173, 9 / 173] as const;

function exactMean(problem: Problem): [number, number] {
  const y = problem.observation.h!.data;
  const [a, b] = [4 * (y[0]! + y[1]!), 4 * (y[1]! + 2 * y[2]!)];
  return [covariance[0] * a + covariance[1] * b, covariance[2] * a + covariance[3] * b];
}

describe("maximumAPosteriori", () => {
  it("is the posterior mean of a linear problem with Gaussian noise and prior, to rounding", async () => {
    const problem = plant([gaussianNoise({ std: 0.5 })]);
    const { value, residual, given } = await solve(maximumAPosteriori(), problem);
    const [a, b] = exactMean(problem);
    expect(value.input!.data[0]).toBeCloseTo(a, 7);
    expect(value.input!.data[1]).toBeCloseTo(b, 7);
    expect(residual).toBeGreaterThan(0);
    expect(given).toContain("labels");
  });

  it("takes a prior that speaks of inputs and targets in one, and says where there is none", async () => {
    const problem = plantCase(rng(7), {
      model,
      operator: observing((z) => z),
      defences: [gaussianNoise({ std: 0.5 })],
      known: told,
    }).problem;
    // Targets that nobody saw follow the inputs: t = x₁ + x₂ to within .1.
    const together: EnergyPrior = {
      ...gaussian(),
      jointEnergy: (x, t) => add(gaussian().energy(x), mul(sum(square(sub(sum(x, [1], true), t))), 50)),
    };
    const { value } = await solve(maximumAPosteriori({ prior: together, targetPrior: "joint" }), problem);
    const [a, b] = exactMean(problem);
    expect(value.input!.data[0]).toBeCloseTo(a, 6);
    expect(value.input!.data[1]).toBeCloseTo(b, 6);
    expect(value.target!.data[0]).toBeCloseTo(a + b, 6);
    const silent = maximumAPosteriori({ prior: gaussian(), targetPrior: "joint" });
    expect(silent.applies(problem)).toMatchObject({ reason: expect.stringContaining("says nothing of targets") });
  });

  it("with a flat prior is least squares", async () => {
    const problem = plant([gaussianNoise({ std: 0.5 })]);
    const { value } = await solve(maximumAPosteriori({ prior: "flat" }), problem);
    const y = problem.observation.h!.data;
    // (HᵀH)⁻¹ = 1/9 [[5, −1], [−1, 2]].
    const [a, b] = [y[0]! + y[1]!, y[1]! + 2 * y[2]!];
    expect(value.input!.data[0]).toBeCloseTo((5 * a - b) / 9, 7);
    expect(value.input!.data[1]).toBeCloseTo((2 * b - a) / 9, 7);
  });

  it("without a likelihood says so, and does not start", () => {
    expect(maximumAPosteriori().applies(plant([]))).toEqual({ reason: expect.stringMatching(/no channel/) });
    expect(maximumAPosteriori().applies(plant([clipNorm({ threshold: 1 })]))).toEqual({
      reason: expect.stringMatching(/states no likelihood/),
    });
  });

  it("gives its best point when the budget is one evaluation", async () => {
    const solution = await solve(maximumAPosteriori(), plant([gaussianNoise({ std: 0.5 })]), 1);
    expect(solution.value.input!.data.every(Number.isFinite)).toBe(true);
  });
});

describe("posteriorCurvature", () => {
  const at = async (problem: Problem): Promise<readonly number[]> => {
    const parts = densityParts(problem, {}, problem.knowledge.labels as never);
    const curvature = await posteriorCurvature(problem, executor, parts);
    const { data } = await curvature.matrix(Float64Array.of(0.3, -0.2));
    const diagonal = await curvature.diagonal(Float64Array.of(0.3, -0.2), 400, rng(1));
    await curvature.dispose();
    expect(Math.abs(diagonal[0]! / data[0]! - 1)).toBeLessThan(0.15);
    expect(Math.abs(diagonal[1]! / data[3]! - 1)).toBeLessThan(0.15);
    return Array.from(data);
  };

  it("of a linear problem is HᵀH / σ² + I", async () => {
    for (const [i, value] of (await at(plant([gaussianNoise({ std: 0.5 })]))).entries()) {
      expect(value).toBeCloseTo([9, 4, 4, 21][i]!, 10);
    }
  });

  it("of Laplace noise, whose logarithm has corners only, is HᵀH / b² + I", async () => {
    for (const [i, value] of (await at(plant([laplaceNoise({ scale: 0.5 })]))).entries()) {
      expect(value).toBeCloseTo([9, 4, 4, 21][i]!, 10);
    }
  });
});

describe("posterior", () => {
  it("of a linear problem has the mean, the spread and the intervals that can be written down", async () => {
    const problem = plant([gaussianNoise({ std: 0.5 })]);
    const { value, uncertainty, diagnostics, reason } = await solve(posterior({ samples: 300 }), problem);
    const mean = exactMean(problem);
    const { lower, upper } = credibleInterval(uncertainty!, "input", 0.9);
    for (const i of [0, 1]) {
      const std = Math.sqrt(covariance[3 * i]!);
      expect(Math.abs(value.input!.data[i]! - mean[i]!)).toBeLessThan(0.12 * std);
      expect(uncertainty!.input!.data[i]! / std).toBeCloseTo(1, 0.9);
      expect(Math.abs(lower.data[i]! - (mean[i]! - 1.645 * std))).toBeLessThan(0.3 * std);
      expect(Math.abs(upper.data[i]! - (mean[i]! + 1.645 * std))).toBeLessThan(0.3 * std);
    }
    expect(diagnostics!.rHat).toBeLessThan(1.05);
    expect(diagnostics!.effectiveSamples).toBeGreaterThan(300);
    expect(reason).not.toMatch(/disagree|mirror|modes/);
    expect(() => credibleInterval(uncertainty!, "input", 0.8)).toThrow(/no interval of level 0.8/);
  });

  it("notices that squares hide the sign, keeps one mirror image and says so", async () => {
    const problem = plant([gaussianNoise({ std: 0.05 })], square);
    const { value, uncertainty, reason } = await solve(posterior({ draws: 8, prior: gaussian({ std: 2 }) }), problem);
    expect(reason).toMatch(/mirror images explain the observation equally well/);
    const y = problem.observation.h!.data;
    expect(value.input!.data[0]! ** 2).toBeCloseTo(y[0]!, 0);
    expect(uncertainty!.input!.data[0]).toBeLessThan(0.5);
  });

  it("weighs separate modes by their evidence where the prior tells them apart", async () => {
    // y = x₁² and so on with a prior that leans to one side: exp(−Δ) = exp(−2 · mean · x / std²) between the images.
    const problem = plant([gaussianNoise({ std: 0.05 })], square);
    const prior = gaussian({ mean: 0.1, std: 1 });
    const { reason } = await solve(posterior({ draws: 8, prior }), problem);
    expect(reason).toMatch(/separate modes, of weights \d+\.\d %, \d+\.\d %/);
  });

  it("does not run where there is no density to draw from", () => {
    const relative = plant([gaussianNoise({ rel_noise: 0.1 })]);
    expect(posterior().applies(relative)).toEqual({ reason: expect.stringMatching(/is not a density/) });
    const absolute = plant([gaussianNoise({ std: 0.1 })]);
    expect(posterior({ prior: "flat" }).applies(absolute)).toEqual({ reason: expect.stringMatching(/flat prior/) });
    expect(posterior().applies(absolute)).toBe(true);
    expect(() => posterior({ chains: 3 })).toThrow(/"chains" .* even number of at least 4, not 3/);
  });

  it("ends with the mode when the budget leaves no draws, and repeats itself", async () => {
    const problem = plant([gaussianNoise({ std: 0.5 })]);
    const short = await solve(posterior(), problem, 60);
    expect(short.reason).toMatch(/no budget for draws/);
    expect(short.uncertainty).toBeUndefined();
    const [a, b] = [await solve(posterior({ samples: 20 }), problem), await solve(posterior({ samples: 20 }), problem)];
    expect(a.value).toEqual(b.value);
  });
});

describe("summarise", () => {
  const layout = { size: 1, parts: [{ name: "input", shape: [1, 1], offset: 0, size: 1 }] };

  it("gives quantiles that the next draw falls below as often as they say", () => {
    const draws = Array.from({ length: 19 }, (_, i) => ({ x: Float64Array.of(i + 1), weight: 1 }));
    const { mean, uncertainty } = summarise(draws, layout);
    expect(mean[0]).toBeCloseTo(10, 12);
    // The first of 19 draws stands for 1/20.
    expect(uncertainty["input 5%"]!.data[0]).toBeCloseTo(1, 12);
    expect(uncertainty["input 50%"]!.data[0]).toBeCloseTo(10, 12);
    expect(uncertainty["input 95%"]!.data[0]).toBeCloseTo(19, 12);
  });

  it("counts draws by their weight", () => {
    const draws = [0, 1].map((value) => ({ x: Float64Array.of(value), weight: value === 0 ? 1 : 3 }));
    const { mean, uncertainty } = summarise(draws, layout);
    expect(mean[0]).toBeCloseTo(0.75, 12);
    expect(uncertainty.input!.data[0]).toBeCloseTo(Math.sqrt(3) / 4, 12);
  });
});
