import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { clipNorm, gaussianNoise, pruneMagnitude } from "../defences/index.ts";
import type { Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { observeBatch, pickItems } from "../testing/evaluate.ts";
import { type PlantedCaseOptions, plantCase } from "../testing/planted-case.ts";
import { testAttack } from "../testing/test-attack.ts";
import { applicable } from "./applicable.ts";
import { deepNet } from "./fixtures/deep-net.ts";
import { spanIntersection } from "./span-intersection.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

function planted(name: string, options: PlantedCaseOptions = {}): ReturnType<typeof plantCase> {
  const { batch = 4 } = options;
  return plantCase(rng(seed).split(name), { model: deepNet(), batch, known: { batchSize: batch }, ...options });
}

async function attack(problem: Problem): Promise<Solution> {
  const context = { executor, budget: { evaluations: 10 }, rng: rng(seed), signal: new AbortController().signal };
  for await (const event of spanIntersection().run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("It ended without a solution.");
}

/** Three samples of which two are the same. */
function repeated(stream: Rng): Problem {
  const { problem, truth } = plantCase(stream, { model: deepNet(), batch: 3, known: { batchSize: 3 } });
  const observation = observeBatch(problem.operator, problem.model, problem.params, pickItems(truth, [0, 1, 0]));
  return { ...problem, observation };
}

describe(`a batch where the spans of the layers meet (RECON_TEST_SEED=${seed})`, () => {
  test.each([
    ["tanh and squared error", {}],
    ["sigmoid and squared error", { activation: "sigmoid" }],
    ["softmax", { loss: "cross-entropy", outputs: 10 }],
    ["no bias in the first layer", { biased: false }],
  ] as const)("four samples with their targets, to rounding: %s", async (_, options) => {
    const { problem, truth } = planted("batch", { model: deepNet(options) });
    const { value, certificate, residual } = await attack(problem);
    expect(residual).toBeLessThan(1e-12);
    expect(batchError(value.input, truth.input)).toBeLessThan(1e-7);
    expect(batchError(value.target, truth.target)).toBeLessThan(1e-6);
    expect(certificate.level).toBe("locally-unique");
  });

  test("from a float32 gradient to its accuracy, certified no higher than that", async () => {
    const { problem, truth } = planted("float32", { precision: "float32", batch: 3 });
    const { value, certificate } = await attack(problem);
    expect(batchError(value.input, truth.input)).toBeLessThan(1e-2);
    expect(["consistent", "locally-unique"]).toContain(certificate.level);
  });

  test("repeated samples are not told apart, and it says so", async () => {
    const draws = Array.from({ length: 10 }, (_, i) => attack(repeated(rng(seed).split(`repeated ${i}`))));
    const solutions = await Promise.all(draws);
    for (const { certificate, verdict } of solutions) {
      expect(certificate.level).toBe("none");
      expect(["not identifiable", "budget spent"]).toContain(verdict);
    }
    // One draw in a hundred has too few equations to tell even that samples repeat.
    const said = solutions.filter(
      ({ verdict, reason }) => verdict === "not identifiable" && /some repeat/.test(reason),
    );
    expect(said.length).toBeGreaterThanOrEqual(8);
  });

  test("refuses what changes the rows of the gradient, a single sample and a net of one layer", () => {
    const refusal = (problem: Problem): string => {
      const answer = applicable(spanIntersection(), problem);
      return answer === true ? "" : answer.reason;
    };
    for (const defence of [
      clipNorm({ threshold: 1e-3 }),
      gaussianNoise({ rel_noise: 0.1 }),
      pruneMagnitude({ rate: 0.5 }),
    ]) {
      expect(refusal(planted("defended", { defences: [defence] }).problem), defence.name).toMatch(/channel/);
    }
    expect(refusal(planted("single", { batch: 1 }).problem)).toMatch(/one sample/);
  });
});

testAttack(spanIntersection, {
  reference: (stream) => plantCase(stream, { model: deepNet(), batch: 3, known: { batchSize: 3 } }),
  tolerance: 1e-6,
  refused: (stream) => plantCase(stream, { model: deepNet(), known: { batchSize: 1 } }).problem,
  unidentifiable: repeated,
  executor: () => onnxruntime({ threads: 1 }),
  runs: 2,
});
