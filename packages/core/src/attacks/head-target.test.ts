import { linear, mean, reshape, square, sub, sum, tanh } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { clipNorm, gaussianNoise, pruneMagnitude } from "../defences/index.ts";
import { update } from "../operators/update.ts";
import type { Model, Problem } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { type PlantedCaseOptions, plantCase } from "../testing/planted-case.ts";
import { headTarget } from "./head-target.ts";
import { recoveredTargets } from "./targets.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);

const shapes = { w1: [7, 6], w2: [5, 7], b2: [5] };

/** 6 → 7 tanh without a bias → 5 numbers in a row of their own, with the sum or the mean of their squared errors. */
function regression(over: "mean" | "sum"): Model {
  return {
    name: "regression",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [6] },
    target: { shape: [1, 5], kind: "real" },
    lossKind: "mean-squared-error",
    init: (rng: Rng) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawNormal(shape, rng.split(name))])),
    forward: (p, { input }) => {
      const h = tanh(linear(input!, p.w1!));
      return reshape(linear(h, p.w2!, p.b2!), [input!.shape[0]!, 1, 5]);
    },
    loss: (output, { target }) => {
      const squares = square(sub(output, target!));
      return over === "mean" ? mean(squares) : mean(sum(squares, [1, 2]));
    },
  };
}

function planted(options: PlantedCaseOptions): ReturnType<typeof plantCase> {
  return plantCase(rng(seed).split("case"), { model: regression("mean"), ...options });
}

function error(problem: Problem, truth: { readonly target: { readonly data: ArrayLike<number> } }): number {
  const found = recoveredTargets(problem, 1);
  if ("reason" in found) throw new Error(found.reason);
  expect(found.value.shape).toEqual([1, 1, 5]);
  return Math.max(...Array.from(found.value.data, (value, t) => Math.abs(value - truth.target.data[t]!)));
}

describe(`the target of one sample, off the head (RECON_TEST_SEED=${seed})`, () => {
  test("to rounding, whatever lies before the head and however the loss adds its outputs", () => {
    for (const over of ["mean", "sum"] as const) {
      const exact = planted({ model: regression(over) });
      expect(error(exact.problem, exact.truth)).toBeLessThan(1e-10);
      const rounded = planted({ model: regression(over), precision: "float32" });
      expect(error(rounded.problem, rounded.truth)).toBeLessThan(1e-4);
    }
  });

  test("as told, where it is told", () => {
    const { problem, truth } = planted({ labels: true });
    expect(recoveredTargets(problem, 1)).toEqual({ value: truth.target, given: ["labels"] });
  });

  test("open behind a channel that changes the head's gradient, after several steps, and for a batch", () => {
    for (const defence of [
      clipNorm({ threshold: 1e-3 }),
      gaussianNoise({ rel_noise: 0.1 }),
      pruneMagnitude({ rate: 0.5 }),
    ]) {
      const { problem } = planted({ defences: [defence] });
      expect(headTarget(problem), defence.name).toMatchObject({ reason: expect.stringMatching(/channel changed/) });
    }
    const stepped = planted({ operator: update({ steps: 1, rate: 0.1 }) }).problem;
    expect(headTarget(stepped)).toMatchObject({ reason: expect.stringMatching(/one difference/) });
    const { problem } = planted({ batch: 3 });
    expect(recoveredTargets(problem, 3)).toMatchObject({ reason: expect.stringMatching(/sums the errors of 3/) });
  });

  test("needs the weights and a head with a bias", () => {
    const { problem } = planted({});
    const { weights: _, ...others } = problem.knowledge;
    expect(headTarget({ ...problem, knowledge: others })).toMatchObject({ reason: expect.stringMatching(/weights/) });
    const { b2: __, ...sent } = problem.observation;
    expect(headTarget({ ...problem, observation: sent })).toMatchObject({ reason: expect.stringMatching(/bias/) });
  });
});
