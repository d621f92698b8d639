import { applicable, type Problem, rng, type Solution } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { observedTexts, plainDomain } from "../fixtures/observed-texts.ts";
import { bert } from "../models/bert.ts";
import { lamp } from "./lamp.ts";
import { dlgText, tag } from "./tag.ts";

const domain = plainDomain(60, 12);
const data = { input: [12], classes: 2, domain };
const model = bert({ layers: 1, width: 16, heads: 2, hidden: 16, positions: 12, std: 0.3 }, data);
const text = [0, 40, 9, 17, 58, 1];
const problem = observedTexts(model, domain, [text]);
const executor = onnxruntime({ idlePrograms: 12 });
afterAll(() => executor.dispose());

async function solve(
  attack: ReturnType<typeof lamp>,
  of: Problem,
  { evaluations = 400, seed = 1, signal = new AbortController().signal } = {},
): Promise<Solution> {
  const context = { executor, budget: { evaluations }, rng: rng(seed), signal };
  let spent = 0;
  for await (const event of attack.run(of, context)) {
    if (event.kind === "solution") {
      expect(event.evaluations).toBeLessThanOrEqual(evaluations);
      return event;
    }
    expect(event.evaluations).toBeGreaterThan(spent);
    spent = event.evaluations;
  }
  throw new Error("no solution");
}

const idsOf = ({ value }: Solution): number[] => Array.from(value.input!.data);

const right = (found: Solution): number => idsOf(found).filter((id, t) => t > 0 && t < 5 && id === text[t]).length;

// Of four words among 57 a guess gets three right once in fifty thousand times.
test.each([
  ["by angles", {}],
  ["with what entered the pooler", { pooler: true }],
] as const)("words come back in their places %s", async (_name, options) => {
  const found = await solve(lamp(options), problem);
  expect(right(found)).toBeGreaterThanOrEqual(3);
  // Only the text itself explains the observation, and no other is said to.
  expect(found.certificate.level).toBe(right(found) === 4 ? "consistent" : "none");
  expect(found.given).toEqual(["architecture", "weights", "batchSize", "labels", "sequenceLengths", "embeddings"]);
});

test("by differences it moves towards the observation", async () => {
  const { trace } = await solve(lamp({ variant: "l1l2" }), problem, { evaluations: 200 });
  expect(Math.min(...trace.map(({ objective }) => objective))).toBeLessThan(0.5 * trace[0]!.objective);
});

test("equal seeds give equal texts", async () => {
  const twice = [
    await solve(lamp(), problem, { evaluations: 60, seed: 5 }),
    await solve(lamp(), problem, { evaluations: 60, seed: 5 }),
  ];
  expect(idsOf(twice[0]!)).toEqual(idsOf(twice[1]!));
  expect(twice[0]!.trace).toEqual(twice[1]!.trace);
});

test("the baselines run on the same problem, and are judged by the gradient of ids", async () => {
  for (const attack of [tag(), dlgText()]) {
    const found = await solve(attack, problem, { evaluations: 20 });
    expect(found.value.input!.shape).toEqual([1, 6]);
    expect(idsOf(found)[0]).toBe(0);
    expect(idsOf(found)[5]).toBe(1);
    expect(found.given).toContain("sequenceLengths");
  }
});

test("without lengths, classes or the table it says what it needs", () => {
  const { sequenceLengths: _lengths, embeddings: _table, ...knowledge } = problem.knowledge;
  for (const attack of [lamp(), tag(), dlgText()]) {
    expect(applicable(attack, { ...problem, knowledge })).toEqual({
      reason: "it needs to be told sequenceLengths, embeddings",
    });
    expect(applicable(attack, problem)).toBe(true);
  }
});

test.each([
  ["one token", [7]],
  ["nothing between the special ids", [0, 1]],
  ["all tokens equal", [0, 7, 7, 7, 1]],
] as const)("%s", async (_name, ids) => {
  const found = await solve(lamp(), observedTexts(model, domain, [ids]), { evaluations: 40 });
  expect(found.value.input!.shape).toEqual([1, ids.length]);
  expect(idsOf(found).every((id) => id >= 0 && id < 63)).toBe(true);
});

test("a gradient of zeros has no angle, and still gives an answer that claims nothing", async () => {
  const observation = Object.fromEntries(
    Object.entries(problem.observation).map(([name, { shape, data: values }]) => [
      name,
      { shape, data: new Float64Array(values.length) },
    ]),
  );
  const found = await solve(lamp(), { ...problem, observation }, { evaluations: 40 });
  expect(found.certificate.level).toBe("none");
  expect(idsOf(found).every((id) => id >= 0)).toBe(true);
});

test("a stopped search hands back what it has", async () => {
  const stop = new AbortController();
  stop.abort();
  const found = await solve(lamp(), problem, { signal: stop.signal });
  expect(found.reason).toMatch(/it was stopped after 0 of/);
});

test("two texts of different lengths", async () => {
  const found = await solve(lamp({ pooler: false }), observedTexts(model, domain, [text, [0, 33, 1]]), {
    evaluations: 40,
  });
  expect(found.value.input!.shape).toEqual([2, 6]);
  expect(idsOf(found).slice(8)).toEqual([1, -1, -1, -1]);
});
