import { type Problem, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { dager } from "./dager.ts";
import { type DrawnBatchOptions, observedBatch } from "./fixtures/drawn-batch.ts";
import { drawnBatches } from "./fixtures/drawn-batches.ts";
import { rightTexts, solutionOf } from "./fixtures/recovered.ts";
import type { LabelledText } from "./labels.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());

const observe = (items: readonly LabelledText[], options: DrawnBatchOptions, seed: number): Promise<Problem> =>
  observedBatch(items, options, rng(seed), executor);
const texts = (...all: readonly (readonly number[])[]): LabelledText[] =>
  all.map((text, i) => ({ text, label: i % 2 }));

describe("dager", () => {
  it("gives back the texts and labels of a decoder, the beginning of another text among them", async () => {
    const items = texts([3, 1, 4, 1, 5], [3, 1, 4], [7, 7, 2], [9]);
    const problem = await observe(items, { kind: "gpt" }, 1);
    const solution = await solutionOf(dager(), problem, executor);
    expect(rightTexts(solution, items)).toBe(4);
    expect(solution.certificate.level).toBe("exact");
    expect(solution.verdict).toBe("recovered");
  });

  it("gives back the texts of an encoder, one of a single id and one that occurs twice", async () => {
    const items = texts([3, 1, 4, 1, 5], [9], [3, 1, 4, 1, 5]);
    const problem = await observe(items, { kind: "bert" }, 2);
    const solution = await solutionOf(dager(), problem, executor);
    expect(rightTexts(solution, items)).toBe(3);
    expect(solution.certificate.level).toBe("exact");
  });

  it("does not certify more than consistency where the batch size is not told: every text twice gives the same mean", async () => {
    const items = texts([3, 1, 4], [2, 7, 1, 8]);
    const problem = await observe(items, { kind: "gpt", told: false }, 3);
    const solution = await solutionOf(dager(), problem, executor);
    expect(rightTexts(solution, items)).toBe(2);
    expect(solution.certificate.level).toBe("consistent");
  });

  it("says before the attack whether the pairs are ambiguous", async () => {
    const context = { executor, rng: rng(4), signal: new AbortController().signal };
    const clear = await observe(texts([3, 1, 4, 1]), { kind: "bert" }, 4);
    expect(await dager().foresee!(clear, context)).toMatch(/4 \(id, place\) pairs .* every one of them occurs/);
    // One component of three ids and three places with a cycle: six pairs occur, and all nine lie in the span.
    const crossed = await observe(texts([1, 2, 3], [2, 1, 2]), { kind: "bert" }, 5);
    expect(await dager().foresee!(crossed, context)).toMatch(
      /9 \(id, place\) pairs .* rank of the gradient 6\. .* ambiguous/,
    );
  });

  it("certifies nothing wrong in drawn batches, and recovers most", { timeout: 120_000 }, async () => {
    const { recovered, draws } = await drawnBatches(6, executor);
    expect(recovered).toBeGreaterThanOrEqual(draws / 2);
  });
});

describe("dager on observations that do not give the texts away", () => {
  const items = texts([3, 1, 4, 1, 5], [2, 7, 1]);

  it("says which gradient is missing or has the wrong shape", async () => {
    const problem = await observe(items, { kind: "gpt" }, 6);
    const name = "h.0.attn.c_attn.weight";
    const { [name]: removed, ...observation } = problem.observation;
    const without = await solutionOf(dager(), { ...problem, observation }, executor);
    expect(without.verdict).toBe("not identifiable");
    expect(without.reason).toMatch(/no gradient of h\.0\.attn\.c_attn\.weight/);
    const turned = { ...removed!, shape: [...removed!.shape].reverse() };
    const wrong = { ...problem, observation: { ...observation, [name]: turned } };
    expect((await solutionOf(dager(), wrong, executor)).reason).toMatch(/has the shape \[96, 32\]/);
  });

  it("says that no id is admitted where the weights are not those of the observation", async () => {
    const problem = await observe(items, { kind: "gpt" }, 7);
    const solution = await solutionOf(dager(), { ...problem, params: problem.model.init(rng("others")) }, executor);
    expect(solution.certificate.level).toBe("none");
    expect(solution.reason).toMatch(/no id of the vocabulary is admitted/);
  });

  it("says that the span is everything where the batch has more tokens than the layer is wide", async () => {
    const random = rng(8);
    const many = Array.from({ length: 6 }, (_, i) => ({
      text: Array.from({ length: 8 }, () => random.integer(50)),
      label: i % 2,
    }));
    const problem = await observe(many, { kind: "gpt", width: 16 }, 8);
    const solution = await solutionOf(dager(), problem, executor);
    expect(solution.verdict).toBe("not identifiable");
    expect(solution.reason).toMatch(/as many tokens as the layer is wide/);
  });

  it("refuses other data and other operators", async () => {
    const problem = await observe(items, { kind: "gpt" }, 9);
    expect(dager().applies({ ...problem, operator: { ...problem.operator, name: "update" } })).toEqual({
      reason: "it reads a gradient, and the observation is of update",
    });
    expect(() => dager({ readings: 0 })).toThrow(/readings/);
  });
});
