import {
  type Attack,
  type AuditEvent,
  audit,
  type DataSource,
  gradient,
  type Problem,
  type Scenario,
} from "@recon/core";
import { referenceExecutor } from "@recon/core/testing";
import { expect, test } from "vitest";
import { priorOnly } from "./attacks/prior-only.ts";
import { textItems } from "./data/text-items.ts";
import { textDomain } from "./domain.ts";
import { idsOf } from "./ids.ts";
import { bert } from "./models/bert.ts";
import { languageModel } from "./priors/language-model.ts";
import { sentencePiece } from "./tokenizers/sentence-piece.ts";

const domain = textDomain({ tokenizer: sentencePiece(), maxLength: 12 });
const texts = ["The food was very good and the people were nice.", "Never again."];
const lengths = texts.map((text) => domain.tokenizer.encode(text).length);

const source: DataSource = {
  name: "two",
  options: {},
  card: { title: "two sentences", source: "made here", licence: "CC0" },
  domain,
  open: async () =>
    textItems(
      texts.map((text, i) => ({ id: `text ${i}`, text, label: i })),
      { name: "two", domain, classes: 2 },
    ),
};

/** An attack that says the given texts, whatever it sees. */
function saying(said: readonly string[], seen: (problem: Problem) => void = () => {}): Attack {
  return {
    name: "saying",
    options: {},
    cite: "none",
    needs: [],
    applies: () => true,
    async *run(problem) {
      seen(problem);
      const ids = said.map((text) => domain.tokenizer.encode(text));
      const width = Math.max(...ids.map((list) => list.length));
      const data = ids.flatMap((list) => [...list, ...new Array<number>(width - list.length).fill(-1)]);
      yield {
        kind: "solution",
        value: {
          input: { shape: [said.length, width], data: Float64Array.from(data) },
          target: { shape: [said.length, 2], data: new Float64Array(2 * said.length).fill(0.5) },
        },
        certificate: { level: "none", reason: "it looked at nothing" },
        residual: 1,
        given: [],
        evaluations: 0,
        verdict: "budget spent",
        reason: "it looked at nothing",
        trace: [],
      };
    },
  };
}

async function eventsOf(attack: Attack, known: readonly string[] = []): Promise<readonly AuditEvent[]> {
  const size = { layers: 1, width: 4, heads: 1, hidden: 4, positions: 12 };
  const model = bert(size, { input: [12], classes: 2, domain });
  const scenario: Scenario = {
    id: "two",
    title: "",
    summary: "",
    model,
    source,
    batch: 2,
    operator: gradient(),
    defences: [],
    observationPrecision: "float64",
    known: ["architecture", "weights", "lossKind", "batchSize", ...known],
    attacks: [attack],
    trials: 1,
    budget: { evaluations: 10 },
    onError: "refuse",
    audit: {},
  };
  const events: AuditEvent[] = [];
  const options = { executor: referenceExecutor(), seed: 1, signal: AbortSignal.timeout(60_000), diagnosis: false };
  for await (const event of audit([scenario], options)) events.push(event);
  return events;
}

const resultsOf = (events: readonly AuditEvent[]) =>
  events
    .flatMap((event) => (event.kind === "result" ? [event] : []))
    .sort((a, b) => (a.record.item < b.record.item ? -1 : 1));

test("what was found is matched to the sentence it is of, whatever the order and the width of the batch", async () => {
  const results = resultsOf(await eventsOf(saying(texts.toReversed())));
  expect(results.map(({ record }) => record.item)).toEqual(["text 0", "text 1"]);
  for (const { record, pictures } of results) {
    expect(record.metric).toMatchObject({ rouge1: 1, rouge2: 1, rougel: 1, token_accuracy: 1, exact: 1 });
    expect(record.floor.exact).toBe(0);
    expect(record.floor.rouge1).toBeLessThan(0.5);
    expect(pictures.map(({ title }) => title)).toEqual(["Reconstruction", "Original", "Blind guess"]);
  }
});

test("a sentence that was not found is scored as the blind guess, at its own length", async () => {
  const results = resultsOf(await eventsOf(saying([texts[0]!])));
  const [found, missed] = results.map(({ record }) => record);
  expect(found!.metric.exact).toBe(1);
  expect(missed!.metric).toEqual(missed!.floor);
  const wanted = domain.blind([lengths[1]!]);
  const shown = results[1]!.pictures.find(({ title }) => title === "Reconstruction")!;
  expect("spans" in shown && shown.spans.map(({ text }) => text).join("")).toBe(domain.tokenizer.decode(idsOf(wanted)));
});

test("attackers see the longest extent that is possible, and lengths only where they are told", async () => {
  const problems: Problem[] = [];
  await eventsOf(saying(texts, (problem) => problems.push(problem)));
  await eventsOf(
    saying(texts, (problem) => problems.push(problem)),
    ["sequenceLengths"],
  );
  expect(problems[0]!.model.input.shape).toEqual([12]);
  expect(problems[0]!.knowledge).not.toHaveProperty("sequenceLengths");
  expect([...(problems[1]!.knowledge.sequenceLengths as number[])].sort((a, b) => b - a)).toEqual(lengths);
});

test("draws from the prior follow the seed, have the lengths that were told, and certify nothing", async () => {
  const attack = priorOnly([languageModel({ strength: "none" })]);
  const told = resultsOf(await eventsOf(attack, ["sequenceLengths", "labels"]));
  expect(told).toEqual(
    resultsOf(await eventsOf(attack, ["sequenceLengths", "labels"])).map((result, i) => ({
      ...result,
      record: { ...result.record, seconds: told[i]!.record.seconds },
    })),
  );
  told.forEach(({ record }) => {
    expect(record.certificate).toBe("none");
    expect(record.metric.exact).toBe(0);
    expect(record.residual).toBeGreaterThan(0.01);
    expect(record.given).toEqual(["batchSize", "sequenceLengths", "labels"]);
    expect(Number.isFinite(record.metric.rouge1)).toBe(true);
  });
  const untold = resultsOf(await eventsOf(attack));
  expect(untold).toHaveLength(2);
  expect(untold[0]!.record.given).toEqual(["batchSize"]);
});
