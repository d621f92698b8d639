import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BenchCase, Measurement } from "./bench-case.ts";
import { benchLine, benchSummary } from "./bench-line.ts";
import { readFinishedCases, takeFinished } from "./saved-lines.ts";

const facts = { app: "test", versions: { recon: "0" } };
const bench: BenchCase = {
  id: "c",
  suite: "s",
  targets: { rms: "<=1e-6" },
  trial: () => {
    throw new Error("not run here");
  },
};
const measured: Measurement = {
  item: "a",
  attack: "guess",
  given: [],
  observation: "float64",
  metric: { rms: 1e-7 },
  floorReason: "none is needed here",
  certificate: "exact",
  verdict: "recovered",
  reason: "",
  residual: 0,
  seconds: 1,
  evaluations: 1,
};
const lines = [1, 2].map((seed) => benchLine(bench, seed, measured, facts));
const summary = benchSummary(bench, lines, facts);
const asText = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "recon-saved-")), "lines.jsonl");
  writeFileSync(path, text);
  return path;
}

test("finished cases come back as they were written, unfinished ones do not", () => {
  const other = benchLine({ ...bench, id: "d" }, 1, measured, facts);
  const finished = readFinishedCases(file(`${asText([...lines, summary, other])}{"app":"te`));
  expect(finished).toEqual(JSON.parse(JSON.stringify([{ lines, summary }])));
  expect(readFinishedCases(join(tmpdir(), "recon-no-such-file.jsonl"))).toEqual([]);
});

test("a case is finished for the same seeds, version and targets only, and is taken once", () => {
  const same = { seeds: 2, version: "0", quick: false };
  const finished = readFinishedCases(file(asText([...lines, summary])));
  expect(takeFinished(finished, bench, { ...same, seeds: 3 })).toBeUndefined();
  expect(takeFinished(finished, bench, { ...same, version: "1" })).toBeUndefined();
  expect(takeFinished(finished, bench, { ...same, quick: true })).toBeUndefined();
  expect(takeFinished(finished, { ...bench, targets: {} }, same)).toBeUndefined();
  expect(takeFinished(finished, bench, same)?.lines).toHaveLength(2);
  expect(takeFinished(finished, bench, same)).toBeUndefined();
});

test("a file of something else is refused before anything is written", () => {
  expect(() => readFinishedCases(file("name,value\na,1\n"))).toThrow(/line 1, is no line of a benchmark/);
});
