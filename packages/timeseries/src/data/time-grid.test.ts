import { describe, expect, test } from "vitest";
import { timeGrid } from "./time-grid.ts";
import { numericFormats, plainFormats, type TimeFormat } from "./time-stamps.ts";
import { cycleName, stepInWords, usualCycle } from "./time-steps.ts";

const hour = 3_600_000;
const day = 24 * hour;
const [iso, dayFirst, monthFirst] = plainFormats as [TimeFormat, TimeFormat, TimeFormat];
const [digitsOnly, sinceEpoch, yearOnly] = numericFormats as [TimeFormat, TimeFormat, TimeFormat];

describe("times", () => {
  test.each([
    ["2010-01-31", iso, "2010-01-31T00:00:00.000Z"],
    ["2010-01-31 13:05", iso, "2010-01-31T13:05:00.000Z"],
    ["2010/1/31 13:05:07", iso, "2010-01-31T13:05:07.000Z"],
    ["2010-01-31T13:05:07.250Z", iso, "2010-01-31T13:05:07.250Z"],
    ["2010-01-31T13:05:07+02:00", iso, "2010-01-31T11:05:07.000Z"],
    ["2010-01-31 24:00", iso, "2010-02-01T00:00:00.000Z"],
    ["2010-02", iso, "2010-02-01T00:00:00.000Z"],
    ["31.01.2010 13:05", dayFirst, "2010-01-31T13:05:00.000Z"],
    ["3/4/10", dayFirst, "2010-04-03T00:00:00.000Z"],
    ["3/4/2010 1:30 PM", monthFirst, "2010-03-04T13:30:00.000Z"],
    ["3/4/2010 12:30 AM", monthFirst, "2010-03-04T00:30:00.000Z"],
    ["20100131", digitsOnly, "2010-01-31T00:00:00.000Z"],
    ["201001311305", digitsOnly, "2010-01-31T13:05:00.000Z"],
    ["1264943100", sinceEpoch, "2010-01-31T13:05:00.000Z"],
    ["1264943100000", sinceEpoch, "2010-01-31T13:05:00.000Z"],
    ["2010", yearOnly, "2010-01-01T00:00:00.000Z"],
  ])("%s", (text, format, expected) => {
    expect(new Date(format(text)!).toISOString()).toBe(expected);
  });

  test.each([
    ["2010-02-30", iso],
    ["2010-13-01", iso],
    ["2010-01-01 25:00", iso],
    ["12.5", iso],
    ["1/31/2010", dayFirst],
    ["31/1/2010", monthFirst],
    ["20101301", digitsOnly],
    ["123", sinceEpoch],
    ["3010", yearOnly],
  ])("there is no %s", (text, format) => {
    expect(format(text)).toBeUndefined();
  });
});

describe("a grid", () => {
  const at = (...hours: number[]): number[] => hours.map((count) => count * hour);

  test("is laid by the times, in whatever order the rows are", () => {
    expect(timeGrid(at(3, 2, 1, 0), "x")).toEqual({
      step: { milliseconds: hour },
      rows: Int32Array.of(3, 2, 1, 0),
      offGrid: [],
    });
  });

  test("has no row where there is a gap, and names times that stand twice or between two steps", () => {
    const regular = Array.from({ length: 30 }, (_, i) => i);
    const times = at(...regular, 33, 33, 34, 34.5, 35);
    const { rows, offGrid } = timeGrid(times, "x");
    expect(Array.from(rows).slice(28)).toEqual([28, 29, -1, -1, -1, 30, 32, 34]);
    expect(offGrid).toEqual([
      { row: 31, reason: expect.stringMatching(/stands twice/) },
      { row: 33, reason: "it is 0.50 steps of 1 h after the row before it" },
    ]);
  });

  test("follows a clock that jitters and drifts", () => {
    // 5 s, but every reading .02 s late after the one before it, and up to a tenth of a step off.
    const times = Array.from({ length: 2000 }, (_, i) => i * 5020 + 500 * Math.sin(i * i));
    const { rows, offGrid, step } = timeGrid(times, "x");
    expect(step).toEqual({ milliseconds: 5000 });
    expect(offGrid).toEqual([]);
    expect(rows).toEqual(Int32Array.from({ length: 2000 }, (_, i) => i));
  });

  test("of months or years follows the calendar", () => {
    const months = Array.from({ length: 24 }, (_, i) => Date.UTC(2020, i, 1));
    expect(timeGrid([...months.slice(0, 14), ...months.slice(15)], "x")).toMatchObject({ step: { months: 1 } });
    expect(timeGrid([...months.slice(0, 14), ...months.slice(15)], "x").rows[14]).toBe(-1);
    const ends = Array.from({ length: 24 }, (_, i) => Date.UTC(2020, i + 1, 0));
    expect(timeGrid(ends, "x").step).toEqual({ months: 1 });
    const years = Array.from({ length: 9 }, (_, i) => Date.UTC(2000 + i, 0, 1));
    expect(timeGrid(years, "x").step).toEqual({ months: 12 });
    const fourWeeks = Array.from({ length: 24 }, (_, i) => i * 28 * day);
    expect(timeGrid(fourWeeks, "x").step).toEqual({ milliseconds: 28 * day });
  });

  test.each([
    [
      "two frequencies",
      at(...Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 30 + 4 * (i - 30)))),
      /50 % are 4 times|mixed/,
    ],
    [
      "a rare one",
      at(...Array.from({ length: 400 }, (_, i) => (i < 390 ? i : 390 + 4 * (i - 390)))),
      /are 4 times that/,
    ],
    [
      "two series in one table",
      at(...Array.from({ length: 60 }, (_, i) => i % 30)),
      /30 of 60 rows have the time of another/,
    ],
    ["trading days", Array.from({ length: 50 }, (_, i) => (i + 2 * Math.floor(i / 5)) * day), /steps: "rows"/],
    ["a hole of years", at(...Array.from({ length: 50 }, (_, i) => (i < 25 ? i : 99999 + i))), /99999 of 100049 steps/],
  ])("refuses %s", (_, times, message) => {
    expect(() => timeGrid(times, "file")).toThrow(
      expect.objectContaining({ code: "irregular-steps", message: expect.stringMatching(message) }),
    );
  });

  test("of one row has no step", () => {
    expect(timeGrid([5], "x")).toEqual({ rows: Int32Array.of(0), offGrid: [] });
  });
});

test.each([
  [{ milliseconds: 900_000 }, "15 min", { steps: 96, name: "day" }],
  [{ milliseconds: hour }, "1 h", { steps: 24, name: "day" }],
  [{ milliseconds: day }, "1 d", { steps: 7, name: "week" }],
  [{ milliseconds: 7 * hour }, "7 h", undefined],
  [{ milliseconds: 7 * day }, "7 d", undefined],
  [{ milliseconds: 20 }, "20 ms", { steps: 4_320_000, name: "day" }],
  [{ months: 1 }, "1 month", { steps: 12, name: "year" }],
  [{ months: 3 }, "3 months", { steps: 4, name: "year" }],
  [{ months: 12 }, "1 year", undefined],
])("a step of %j is %s, and repeats by %j", (step, words, cycle) => {
  expect(stepInWords(step)).toBe(words);
  expect(usualCycle(step)).toEqual(cycle);
});

test("a cycle has the name of its length", () => {
  expect(cycleName(48, { milliseconds: hour / 2 })).toBe("day");
  expect(cycleName(168, { milliseconds: hour })).toBe("week");
  expect(cycleName(12, { months: 1 })).toBe("year");
  expect(cycleName(10, { milliseconds: hour })).toBe("cycle");
  expect(cycleName(24, undefined)).toBe("cycle");
});
