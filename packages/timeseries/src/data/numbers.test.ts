import { expect, test } from "vitest";
import { columnHeader } from "./column-header.ts";
import { decimalOf, isMissing, numberOf } from "./numbers.ts";

test.each([
  ["1.5", ".", 1.5],
  ["-1,234.5", ".", -1234.5],
  ["1 234.5", ".", 1234.5],
  ["1'234", ".", 1234],
  [".5", ".", 0.5],
  ["2e-3", ".", 0.002],
  ["\u22125", ".", -5],
  ["1,5", ",", 1.5],
  ["1.234.567,8", ",", 1234567.8],
  ["-0,25", ",", -0.25],
  ["1,5", ".", Number.NaN],
  ["1.5", ",", Number.NaN],
  ["12,34,5", ".", Number.NaN],
  ["1.2.2020", ",", Number.NaN],
  ["5 kW", ".", Number.NaN],
  ["inf", ".", Number.NaN],
  ["1e999", ".", Number.NaN],
  ["", ".", Number.NaN],
  ["-", ".", Number.NaN],
] as const)("%j with %j is %d", (cell, decimal, value) => {
  expect(numberOf(cell, decimal)).toBe(value);
});

test("what says that there is no value", () => {
  expect(["", "NA", "n/a", "NaN", "null", "?", "-"].every(isMissing)).toBe(true);
  expect(["0", "error", "off"].some(isMissing)).toBe(false);
});

test.each([
  [["1.5", "2.25"], ",", "."],
  [["1,5", "2,25"], ";", ","],
  [["1.234", "1,5"], ";", ","],
  [["1,234", "1.5"], ";", "."],
  [["1,234", "2,345"], ";", ","],
  [["1,234", "2,345"], ",", "."],
  [["1.234", "2.345"], ";", "."],
  [["12", "13", "ok"], ";", "."],
] as const)("the decimal mark of %j between %j is %j", (cells, delimiter, decimal) => {
  expect(decimalOf(cells, delimiter)).toBe(decimal);
});

test.each([
  ["load [kW]", "load", "kW"],
  ["load (kW)", "load", "kW"],
  ["load(kW)", "load", "kW"],
  ["flow (m³/h)", "flow", "m³/h"],
  ["  load ", "load", ""],
  ["(raw)", "(raw)", ""],
  ["load [ ]", "load", ""],
])("the header %j is %j in %j", (header, name, unit) => {
  expect(columnHeader(header)).toEqual({ name, unit });
});
