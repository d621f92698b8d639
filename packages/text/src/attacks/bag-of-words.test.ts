import { gaussianNoise, type Problem, pruneMagnitude, rng, type Solution } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { observedTexts, plainDomain } from "../fixtures/observed-texts.ts";
import { batchOfIds } from "../ids.ts";
import { bert } from "../models/bert.ts";
import { gpt } from "../models/gpt.ts";
import { bagOfWords } from "./bag-of-words.ts";
import { visibleTokens } from "./bag-of-words-evidence.ts";

const domain = plainDomain(40, 12);
const data = { input: [12], classes: 2, domain };
const size = { layers: 1, width: 8, heads: 2, hidden: 8, positions: 12, std: 0.3 };
const trained = bert({ ...size, embeddings: "trained" }, data);
const text = [0, 9, 17, 9, 30, 5, 1];
const problem = observedTexts(trained, domain, [text]);
const executor = onnxruntime();
afterAll(() => executor.dispose());

async function solve(of: Problem): Promise<Solution> {
  const context = { executor, budget: { evaluations: 10 }, rng: rng(1), signal: new AbortController().signal };
  for await (const event of bagOfWords().run(of, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

test("rows of the table that have a gradient are the tokens, and the table of positions gives the length", () => {
  expect(visibleTokens(problem)).toMatchObject({ ids: [0, 1, 5, 9, 17, 30], complete: true, longest: 7 });
});

test("the attack hands them back once each and claims nothing of their order", async () => {
  const { value, certificate, given } = await solve(problem);
  expect(Array.from(value.input!.data)).toEqual([0, 1, 5, 9, 17, 30]);
  expect(certificate.level).toBe("none");
  expect(given).toContain("sequenceLengths");
});

test("a batch is dealt out by its lengths", async () => {
  const { value } = await solve(observedTexts(trained, domain, [text, [0, 20, 1]]));
  expect(value.input!.shape).toEqual([2, 6]);
  expect(
    Array.from(value.input!.data)
      .filter((id) => id >= 0)
      .sort((a, b) => a - b),
  ).toEqual([0, 1, 5, 9, 17, 20, 30]);
});

test("behind pruning what is left is true, and is not called complete", () => {
  const channel = pruneMagnitude({ rate: 0.9 }).channel!;
  const pruned = {
    ...problem,
    defences: [pruneMagnitude({ rate: 0.9 })],
    observation: channel.apply(problem.observation, rng(2)),
  };
  const seen = visibleTokens(pruned);
  if (!("ids" in seen)) throw new Error(seen.reason);
  expect(seen.complete).toBe(false);
  expect(seen.ids.length).toBeGreaterThan(0);
  for (const id of seen.ids) expect(text).toContain(id);
});

test("behind noise, rows that stand out of it are the tokens", () => {
  const defence = gaussianNoise({ rel_noise: 0.01 });
  const noisy = { ...problem, defences: [defence], observation: defence.channel!.apply(problem.observation, rng(3)) };
  expect(visibleTokens(noisy)).toMatchObject({ ids: [0, 1, 5, 9, 17, 30], complete: false });
  // Noise that the attacker takes for signal touches every row, and that shows.
  expect(visibleTokens({ ...noisy, defences: [] })).toMatchObject({ reason: /more than a batch holds tokens/ });
});

test("a table that is not trained, or that the head shares, does not tell", () => {
  const frozen = observedTexts(bert(size, data), domain, [text]);
  expect(visibleTokens(frozen)).toEqual({ reason: "the client sends no gradient of its table of embeddings" });
  expect(bagOfWords().applies(frozen)).toHaveProperty("reason");
  const next = gpt({ ...size, embeddings: "trained", task: "next-token" }, data);
  expect(visibleTokens(observedTexts(next, domain, [text]))).toMatchObject({ reason: /the head shares the table/ });
});

test("all tokens equal, and a text of one token", () => {
  expect(visibleTokens(observedTexts(trained, domain, [[7, 7, 7]]))).toMatchObject({ ids: [7], longest: 3 });
  expect(visibleTokens(observedTexts(trained, domain, [[7]]))).toMatchObject({ ids: [7], longest: 1 });
  expect(batchOfIds([[7]]).shape).toEqual([1, 1]);
});
