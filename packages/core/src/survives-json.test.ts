import { expect, test } from "vitest";
import { ReconError } from "./errors.ts";
import { recordable, survivesJson } from "./survives-json.ts";

test("plain values survive", () => {
  for (const value of [null, true, -0, 1.5, "a", [], {}, { a: [1, { b: "c" }] }, Object.create(null)])
    expect(survivesJson(value)).toBe(true);
});

test("what JSON changes or loses does not", () => {
  const self: Record<string, unknown> = {};
  self.self = self;
  const lost = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    () => 1,
    Float64Array.of(1),
    new Date(0),
    new Map(),
    1n,
  ];
  for (const value of [...lost, self]) {
    expect(survivesJson(value)).toBe(false);
    expect(survivesJson({ options: [value] })).toBe(false);
  }
  expect(survivesJson({ a: undefined })).toBe(false);
});

test("the piece whose options cannot be recorded is named", () => {
  const attempt = (): unknown => recordable('The prior "edges"', { weight: Number.NaN });
  expect(attempt).toThrow(ReconError);
  expect(attempt).toThrow(/^The prior "edges" has options that JSON does not keep/);
  expect(recordable("It", { weight: 1 })).toEqual({ weight: 1 });
});
