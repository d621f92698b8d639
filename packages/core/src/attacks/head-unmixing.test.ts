import { leakyRelu, linear, logSoftmax, mean, mul, sum, type Tensor, tanh } from "@recon/engine";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Model, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { type PlantedCase, plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { applicable } from "./applicable.ts";
import { headUnmixing } from "./head-unmixing.ts";

/** A chain of linear layers of these widths under cross-entropy, with an activation behind all but the last. */
function chainModel(widths: readonly number[], activation: (x: Tensor) => Tensor, scale = 1): Model {
  const layers = widths.slice(1).map((out, i) => ({ out, in: widths[i]! }));
  const shapes = Object.fromEntries(
    layers.flatMap((layer, i) => [
      [`w${i}`, [layer.out, layer.in]],
      [`b${i}`, [layer.out]],
    ]),
  );
  return {
    name: "chain",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [widths[0]!] },
    target: { shape: [widths.at(-1)!], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (random) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const drawn = drawNormal(shape, random.split(name));
          return [name, { shape, data: Float64Array.from(drawn.data, (value) => scale * value) }];
        }),
      ),
    forward: (p, data) =>
      layers.reduce((h, _, i) => {
        const z = linear(h, p[`w${i}`]!, p[`b${i}`]!);
        return i < layers.length - 1 ? activation(z) : z;
      }, data.input!),
    loss: (output, data) => mul(mean(sum(mul(logSoftmax(output), data.target!), [1])), -1),
  };
}

async function attack({ problem }: PlantedCase): Promise<Solution> {
  const context = {
    executor: referenceExecutor(),
    budget: { evaluations: 10 },
    rng: rng("attack"),
    signal: new AbortController().signal,
  };
  let solution: Solution | undefined;
  for await (const event of headUnmixing().run(problem, context)) if (event.kind === "solution") solution = event;
  return solution!;
}

/** √(Σ over items of the squared distance to the nearest item of the truth / B); two estimates may share one only where they agree. */
function rmsError({ value }: Solution, { truth }: PlantedCase): number {
  const [batch = 0, size = 0] = value.input!.shape;
  let total = 0;
  for (let i = 0; i < batch; i++) {
    const distances = Array.from({ length: batch }, (_, j) => {
      let square = 0;
      for (let c = 0; c < size; c++)
        square += (value.input!.data[j * size + c]! - truth.input.data[i * size + c]!) ** 2;
      return square;
    });
    total += Math.min(...distances);
  }
  return Math.sqrt(total / batch);
}

/** 1,000 in the slow run. */
const draws = process.env.RECON_SLOW === "1" ? 1000 : 25;

const told = (batch: number) => ({ batchSize: batch });

it("recovers a batch from a linear softmax model and through layers that lose nothing", async () => {
  for (const widths of [
    [12, 10],
    [6, 8, 8, 10],
    [5, 5, 9],
  ]) {
    for (const activation of [tanh, (x: Tensor) => leakyRelu(x, 0.3)]) {
      const planted = plantCase(rng(widths.join()), {
        model: chainModel(widths, activation, 0.5),
        batch: 4,
        labels: true,
        known: told(4),
      });
      expect(applicable(headUnmixing(), planted.problem)).toBe(true);
      const found = await attack(planted);
      expect(found.verdict, found.reason).toBe("recovered");
      expect(found.certificate.level).toBe("locally-unique");
      expect(rmsError(found, planted)).toBeLessThan(1e-6);
    }
  }
});

it("says why it does not apply", () => {
  const answer = (widths: readonly number[], batch: number) =>
    applicable(
      headUnmixing(),
      plantCase(rng(1), { model: chainModel(widths, tanh), batch, labels: true, known: told(batch) }).problem,
    );
  expect(answer([9, 6, 10], 3)).toMatchObject({ reason: expect.stringMatching(/maps 9 numbers to 6/) });
  expect(answer([12, 3], 3)).toMatchObject({ reason: expect.stringMatching(/3 classes span 2 dimensions/) });
  expect(answer([6, 8, 10], 3)).toBe(true);
});

it("never certifies a wrong batch: draws of linear and deep nets, wrong batch sizes included", async () => {
  const levels = new Map<string, number>();
  const drawn = fc.record({
    seed: fc.integer(),
    widths: fc.constantFrom([8, 6], [4, 5, 7], [2, 9], [5, 6]),
    batch: fc.integer({ min: 1, max: 5 }),
    scale: fc.constantFrom(0.2, 0.7, 2),
    float32: fc.boolean(),
    labels: fc.boolean(),
    off: fc.constantFrom(0, 0, 0, 1),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ seed, widths, batch, scale, float32, labels, off }) => {
      const planted = plantCase(rng(seed), {
        model: chainModel(widths, tanh, scale),
        batch,
        labels,
        precision: float32 ? "float32" : "float64",
        known: told(batch + (labels ? 0 : off)),
      });
      if (applicable(headUnmixing(), planted.problem) !== true) return;
      const found = await attack(planted);
      const { level } = found.certificate;
      levels.set(level, (levels.get(level) ?? 0) + 1);
      if (level !== "locally-unique" && level !== "exact") {
        expect(found.verdict).not.toBe("recovered");
        return;
      }
      expect(rmsError(found, planted), found.reason).toBeLessThan(float32 ? 1e-2 : 1e-4);
    }),
    { numRuns: draws },
  );
  expect(levels.get("locally-unique") ?? 0).toBeGreaterThan(3);
}, 900_000);
