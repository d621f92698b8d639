import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { audit } from "./audit.ts";
import { gradient } from "./operators/gradient.ts";
import type { DataSource, Item, OpenData, Problem } from "./problem.ts";
import { rng } from "./random.ts";
import type { AuditEvent, Scenario } from "./scenario.ts";
import { referenceDomain } from "./testing/planted-case.ts";
import { referenceAttack } from "./testing/reference-attack.ts";
import { referenceModel } from "./testing/reference-model.ts";
import { trainModel } from "./train-model.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = referenceModel();
const training = { steps: 12, batch: 2, rate: 0.02 };

function itemOf(index: number): Item {
  const stream = rng("items").split(String(index));
  const input = { shape: [5], data: Float64Array.from({ length: 5 }, () => stream.normal()) };
  const target = { shape: [3], data: Float64Array.from({ length: 3 }, (_, k) => Number(k === index % 3)) };
  return { id: String(index), input, target };
}

/** Audits drawn items, and notes which are asked for and what the attack sees. */
async function audited(
  size: number,
  changes: Partial<Scenario>,
  apart: Pick<OpenData, "training"> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{
  readonly events: readonly AuditEvent[];
  readonly problems: readonly Problem[];
  readonly asked: number[];
}> {
  const [problems, asked]: [Problem[], number[]] = [[], []];
  const source: DataSource = {
    name: "drawn",
    options: {},
    card: { title: "", source: "", licence: "" },
    domain: referenceDomain([5]),
    open: async () => ({
      size,
      skipped: [],
      item: async (index): Promise<Item> => {
        asked.push(index);
        return itemOf(index);
      },
      ...apart,
    }),
  };
  const scenario: Scenario = {
    id: "drawn",
    title: "",
    summary: "",
    model,
    source,
    batch: 1,
    operator: gradient(),
    defences: [],
    observationPrecision: "float64",
    known: ["architecture", "weights", "lossKind", "batchSize"],
    attacks: [
      {
        ...referenceAttack(),
        async *run(problem, context) {
          problems.push(problem);
          yield* referenceAttack().run(problem, context);
        },
      },
    ],
    trials: 2,
    budget: { evaluations: 10 },
    onError: "skip",
    audit: {},
    ...changes,
  };
  const events: AuditEvent[] = [];
  for await (const event of audit([scenario], { executor, seed: 1, signal, diagnosis: false })) events.push(event);
  return { events, problems, asked };
}

test("a trained victim starts from the weights that the trial draws, and sees no item that a trial draws", async () => {
  const [plain, trained] = [await audited(9, {}), await audited(9, { training })];
  const attacked = new Set(plain.asked);
  expect(attacked.size).toBe(2);
  // Two trials of one item, and both times all of the other seven.
  const others = trained.asked.filter((index) => !attacked.has(index));
  expect(new Set(others).size).toBe(7);
  expect(trained.asked).toHaveLength(2 + 2 * 7);
  const random = rng(1).split("scenario drawn");
  for (const trial of [0, 1]) {
    const stream = random.split(`trial ${trial}`);
    expect(plain.problems[trial]!.params).toEqual(model.init(stream.split("weights")));
    const items = stream.split("training items").permutation(7);
    const rest = random.split("order").permutation(9).slice(2);
    const expected = await trainModel(model, {
      ...training,
      items: items.map((at) => itemOf(rest[at]!)),
      executor,
      rng: stream,
    });
    expect(trained.problems[trial]!.params).toEqual(expected);
  }
  expect(trained.problems[0]!.params).not.toEqual(trained.problems[1]!.params);
});

test("items that the data holds apart for training are taken, no more than the steps can see", async () => {
  const seen: number[] = [];
  const item = async (index: number): Promise<Item> => {
    seen.push(index);
    return itemOf(100 + index);
  };
  const few = { steps: 3, batch: 2, rate: 0.02 };
  const { problems, asked } = await audited(4, { training: few }, { training: { size: 50, item } });
  expect(problems).toHaveLength(2);
  expect(asked).toHaveLength(2);
  expect(seen).toHaveLength(2 * 6);
  expect(new Set(seen.slice(0, 6)).size).toBe(6);
});

test("the record says how far the victim was trained, and nothing where it was not", async () => {
  const [record] = (await audited(9, { training })).events;
  expect(record).toMatchObject({ kind: "scenario", record: { victim: { training } } });
  const [plain] = (await audited(9, {})).events;
  expect(plain?.kind === "scenario" && "training" in plain.record.victim).toBe(false);
});

test("where the trials draw every item there is none to train on; a rate that is too large is a failed trial", async () => {
  await expect(audited(2, { training })).rejects.toMatchObject({ code: "too-few-items" });
  const { events } = await audited(9, { training: { ...training, rate: 1e38 } });
  expect(events.filter(({ kind }) => kind === "failure")).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({ record: { error: { code: "training" } } });
});

test("an audit that is stopped while a victim trains ends with what was done", async () => {
  const stop = new AbortController();
  const item = async (index: number): Promise<Item> => {
    stop.abort();
    return itemOf(index);
  };
  const { events } = await audited(4, { training }, { training: { size: 50, item } }, stop.signal);
  expect(events.map(({ kind }) => kind)).toEqual(["scenario", "trial"]);
});
