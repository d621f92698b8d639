import { rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { observedTexts, plainDomain } from "../fixtures/observed-texts.ts";
import { bert } from "../models/bert.ts";
import { widenedPooler } from "../models/widened-pooler.ts";
import { pooler } from "./pooler.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());
const domain = plainDomain(20, 8);
const data = { input: [8], classes: 2, domain };
const size = { layers: 1, width: 24, heads: 2, hidden: 24, positions: 8, std: 0.2 };
const texts = [
  [0, 9, 17, 1],
  [0, 12, 5, 1],
];

test("it foresees the error, searches for texts with the vectors and evaluates them as ids", async () => {
  const problem = observedTexts(bert(size, data), domain, texts);
  const attack = pooler();
  expect(attack.applies(problem)).toBe(true);
  const context = { executor, rng: rng(1), signal: new AbortController().signal, budget: { evaluations: 300 } };
  expect(await attack.foresee!(problem, context)).toContain("identifiable");
  const events = [];
  for await (const event of attack.run(problem, context)) events.push(event);
  const solution = events.at(-1)!;
  expect(solution.kind).toBe("solution");
  if (solution.kind !== "solution") return;
  expect(solution.value.input!.shape).toEqual([2, 4]);
  expect(solution.explanation ?? "").not.toContain("Without a feature term");
  expect(solution.value.input!.data.every((id) => Number.isInteger(id))).toBe(true);
});

test("a widened pooler is left alone without the flag", () => {
  const problem = observedTexts(widenedPooler(bert(size, data), { width: 64 }), domain, texts);
  expect(pooler().applies(problem)).toMatchObject({ reason: expect.stringContaining("activeServer") });
  expect(pooler().applies({ ...problem, knowledge: { ...problem.knowledge, activeServer: true } })).toBe(true);
});

test("options are checked", () => {
  expect(() => pooler({ weight: -1 })).toThrow("weight");
});
