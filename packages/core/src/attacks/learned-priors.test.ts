import { add, constant, log, matmul, mul, square, sum } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { gaussianNoise } from "../defences/index.ts";
import type { Attack, GeneratorPrior, Prior, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { shrinkage } from "../testing/mutants/denoiser.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { diffusionPosteriorSampling } from "./diffusion-posterior-sampling.ts";
import { ggl } from "./ggl.ts";
import { gias } from "./gias.ts";
import { plugAndPlay } from "./plug-and-play.ts";

const evaluations = 120;

/** Samples are standard normal, which `shrinkage` denoises exactly. */
const planted = (seed: number) =>
  plantCase(rng(seed), { known: { batchSize: 1 }, labels: true, defences: [gaussianNoise({ rel_noise: 0.3 })] });

/** x = W z + offset with weights that a search may move; it can make every sample of up to two numbers. */
function movable(): GeneratorPrior {
  const weights = { w: { shape: [2, 8], data: Float64Array.from({ length: 16 }, (_, i) => Math.cos(3 * i)) } };
  return {
    kind: "generator",
    name: "movable",
    options: {},
    weights,
    init: (shape, stream) => ({ z: drawNormal([shape[0]!, 2], stream.split("z")) }),
    decode: ({ z }, shape, { w } = { w: constant(weights.w.data, [2, 8]) }) =>
      matmul(
        z!,
        matmul(
          w!,
          constant(
            Float64Array.from({ length: 8 * shape[1]! }, (_, i) => Math.sin(i + 1)),
            [8, shape[1]!],
          ),
        ),
      ),
    latentEnergy: ({ z }) => mul(sum(square(z!)), 0.5),
  };
}

async function solve(attack: Attack, problem: Problem, signal = new AbortController().signal): Promise<Solution> {
  const context = { executor: referenceExecutor(), budget: { evaluations }, rng: rng("search"), signal };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("There was no solution.");
}

const everyAttack: readonly [string, (priors: readonly Prior[]) => Attack, Prior][] = [
  ["plug-and-play", (priors) => plugAndPlay({}, priors), shrinkage()],
  ["dps", (priors) => diffusionPosteriorSampling({ levels: 8, draws: 2 }, priors), shrinkage()],
  ["gias", (priors) => gias({ draws: 10 }, priors), movable()],
  ["ggl", (priors) => ggl({}, priors), movable()],
];

describe.each(everyAttack)("%s", (name, attack, prior) => {
  test("says so where its kind of prior is missing", () => {
    expect(attack([]).applies(planted(1).problem)).toMatchObject({
      reason: expect.stringContaining(`${name} needs a`),
    });
    expect(attack([prior]).applies(planted(1).problem)).toBe(true);
  });

  test("fits the observation better than the guess that it starts from, within its evaluations", async () => {
    for (const seed of [1, 2]) {
      const { problem } = planted(seed);
      const solution = await solve(attack([prior]), problem);
      expect(solution.evaluations).toBeLessThanOrEqual(evaluations);
      expect(solution.residual).toBeLessThan(1);
      expect(solution.certificate.level).not.toBe("exact");
      expect(solution.given).toContain("labels");
    }
  });

  test("an abort ends it with what there is", async () => {
    const controller = new AbortController();
    controller.abort();
    const solution = await solve(attack([prior]), planted(3).problem, controller.signal);
    expect(solution.value.input!.data.every(Number.isFinite)).toBe(true);
  });

  test("equal seeds, equal results", async () => {
    const { problem } = planted(4);
    expect((await solve(attack([prior]), problem)).value).toEqual((await solve(attack([prior]), problem)).value);
  });
});

test("plug-and-play is nearer to the truth than the guess without an observation", async () => {
  let [error, blind] = [0, 0];
  for (let seed = 10; seed < 16; seed++) {
    const { problem, truth } = planted(seed);
    const { data } = (await solve(plugAndPlay({}, [shrinkage()]), problem)).value.input!;
    truth.input.data.forEach((value, i) => {
      error += (data[i]! - value) ** 2;
      blind += value ** 2;
    });
  }
  expect(error).toBeLessThan(0.75 * blind);
});

test("a denoiser or a generator that returns NaN is named", async () => {
  const { problem } = planted(5);
  const broken: Prior = { ...shrinkage(), denoise: (y) => log(mul(add(square(y), 1), -1)) };
  await expect(solve(plugAndPlay({}, [broken]), problem)).rejects.toThrow(/The denoiser "shrinkage" returns NaN/);
  const generator: Prior = { ...movable(), decode: (z, shape) => log(mul(square(movable().decode(z, shape)), -1)) };
  await expect(solve(gias({}, [generator]), problem)).rejects.toThrow(/The generator "movable" returns NaN/);
});

test("moving the weights fits better than z alone", async () => {
  const { problem } = planted(6);
  const held = await solve(gias({ draws: 10, relaxed: 0 }, [movable()]), problem);
  const moved = await solve(gias({ draws: 10, relaxed: 0.6, weightRate: 0.05, weightStd: 1 }, [movable()]), problem);
  expect(moved.residual).toBeLessThan(held.residual);
});
