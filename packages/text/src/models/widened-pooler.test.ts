import { ReconError, rng } from "@recon/core";
import { expect, test } from "vitest";
import { plainDomain } from "../fixtures/observed-texts.ts";
import { bert } from "./bert.ts";
import { gpt } from "./gpt.ts";
import { isWidened, widenedPooler } from "./widened-pooler.ts";

const domain = plainDomain(20, 8);
const data = { input: [8], classes: 2, domain };
const base = bert({ layers: 1, width: 8, heads: 2, hidden: 8, positions: 8 }, data);
const model = widenedPooler(base, { width: 32, dimensions: 5, std: 2 });

test("rows that were there stay, new ones read the first inputs alone, and the classes read them differently", () => {
  const before = base.init(rng(1));
  const after = model.init(rng(1));
  const weight = after["pooler.dense.weight"]!;
  expect(weight.shape).toEqual([32, 8]);
  expect(Array.from(weight.data.slice(0, 64))).toEqual(Array.from(before["pooler.dense.weight"]!.data));
  const fresh = Array.from(weight.data.slice(64));
  expect(fresh.every((value, at) => (at % 8 < 5 ? value !== 0 : value === 0))).toBe(true);
  const read = fresh.filter((value) => value !== 0);
  const variance = read.reduce((sum, value) => sum + value * value, 0) / read.length;
  expect(variance).toBeGreaterThan(2.5);
  expect(variance).toBeLessThan(6);
  const outer = after["classifier.weight"]!;
  expect(outer.shape).toEqual([2, 32]);
  expect(outer.data[31]).toBeCloseTo(1 / 32, 7);
  expect(outer.data[63]).toBeCloseTo(2 / 32, 7);
  expect(after["pooler.dense.bias"]!.shape).toEqual([32]);
  expect([isWidened(model), isWidened(base)]).toEqual([true, false]);
});

test("what cannot be widened is refused", () => {
  expect(() => widenedPooler(base, { width: 8 })).toThrow(ReconError);
  expect(() => widenedPooler(base, { width: 8 })).toThrow("above that");
  const decoder = gpt({ layers: 1, width: 8, heads: 2, positions: 8 }, data);
  expect(() => widenedPooler(decoder)).toThrow("has no pooler");
});
