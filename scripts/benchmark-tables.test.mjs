import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exactHeading, summaryTable, visionTable } from "./benchmark-tables.mjs";

const read = (name) => readFileSync(new URL(`../docs/benchmarks/${name}`, import.meta.url), "utf8");

test("the table of the image benchmark is the one its lines give (node scripts/benchmark-tables.mjs)", () => {
  expect(read("vision.md")).toBe(visionTable(read("vision.jsonl")));
});

test("the table of exact recovery is the one its lines give", () => {
  expect(read("exact.md")).toBe(summaryTable(read("exact.jsonl"), exactHeading));
});
