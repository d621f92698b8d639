import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenData } from "@recon/core";
import { afterAll, describe, expect, test } from "vitest";
import { type CsvOptions, csv } from "./csv.ts";
import type { SeriesSource } from "./series-source.ts";

const folder = mkdtempSync(join(tmpdir(), "recon-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Options = Omit<CsvOptions, "path">;
let files = 0;

function sourceOf(content: string | Uint8Array, options: Options = {}): SeriesSource {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return csv({ observed: 4, horizon: 2, path, ...options });
}

const hours = 100;
const time = (i: number): string => new Date(Date.UTC(2024, 0, 1, i)).toISOString().slice(0, 16).replace("T", " ");
/** 0 … 23 kW by the hour of the day, and a half. */
const load = (i: number): number => (i % 24) + 0.5;

/** A table of hours, its rows changed or left out. */
function table(row: (i: number) => string | undefined, header = "time,load [kW]"): string {
  const rows = Array.from({ length: hours }, (_, i) => row(i)).filter((line) => line !== undefined);
  return `${[header, ...rows].join("\n")}\n`;
}
const plain = table((i) => `${time(i)},${load(i)}`);

/** The first input in the column's units, and the first target. */
async function firstValues(source: SeriesSource): Promise<readonly number[]> {
  const data = await source.open();
  const { input, target } = await data.item(0);
  const { min, max } = source.domain.columns[0]!;
  return [...input.data, ...target.data].map((value) => Math.round((min + value * (max - min)) * 100) / 100);
}

/** Hours 70 … 75: the audit part begins at 22 o'clock on the third day. */
const expected = [22.5, 23.5, 0.5, 1.5, 2.5, 3.5];

describe("a table of hours", () => {
  test("is found its times, its unit, its step and its day", async () => {
    const source = sourceOf(plain);
    expect(await firstValues(source)).toEqual(expected);
    expect(source.domain.options).toMatchObject({
      columns: [{ name: "load", unit: "kW", min: 0.5, max: 23.5 }],
      period: 24,
      step: "1 h",
    });
    const first = await (await source.open()).item(0);
    expect(first.id).toBe("csv 2024-01-03T22:00");
    expect(first.guess!.name).toBe("the day before");
    // 22 and 23 o'clock, then the first hours of that day.
    expect(first.guess!.input.data).toEqual(first.input.data);
  });

  test.each<[string, string | Uint8Array, Options]>([
    ["with a byte order mark", `\ufeff${plain}`, {}],
    ["with line ends of Windows", plain.replaceAll("\n", "\r\n"), {}],
    [
      "with quotes and commas",
      table((i) => `"${time(i)}","${load(i).toFixed(1)}","a, b"`, '"time","load [kW]","note, of"'),
      {},
    ],
    [
      "with semicolons and decimal commas",
      table((i) => `${time(i)};${String(load(i)).replace(".", ",")}`, "time;load [kW]"),
      {},
    ],
    ["with the line that a spreadsheet puts above", `sep=,\n${plain}`, {}],
    ["with tabs", plain.replaceAll(",", "\t"), {}],
    ["with quoted decimal commas", table((i) => `${time(i)},"${String(load(i)).replace(".", ",")}"`), {}],
    ["with remarks above", `# measured at home\n#\n${plain}`, {}],
    ["with a delimiter at the end of rows", table((i) => `${time(i)},${load(i)},`), {}],
    ["with the newest first", `time,load [kW]\n${plain.trim().split("\n").slice(1).reverse().join("\n")}`, {}],
    ["with days first", table((i) => `${time(i).replace(/(\d+)-(\d+)-(\d+)/, "$3.$2.$1")},${load(i)}`), {}],
    ["with days and hours apart", table((i) => `${time(i).replace(" ", ",")},${load(i)}`, "date,hour,load [kW]"), {}],
    [
      "with seconds since 1970",
      table((i) => `${Date.UTC(2024, 0, 1, i) / 1000},${load(i)}`, "timestamp,load [kW]"),
      {},
    ],
    ["with an index before", table((i) => `${i},${time(i)},${load(i)}`, ",time,load [kW]"), {}],
    [
      "with the column named without its unit",
      table((i) => `${time(i)},${i % 7},${load(i)}`, "time,x,load [kW]"),
      { columns: ["load"] },
    ],
    [
      "with every time said by an option",
      table((i) => `${time(i)},${time(2 * i)},${load(i)}`, "until,other,load (kW)"),
      { time: "until" },
    ],
  ])("%s", async (_, content, options) => {
    const source = sourceOf(content, options);
    expect(await firstValues(source)).toEqual(expected);
    expect(source.domain.columns[0]).toMatchObject({ name: "load", unit: "kW" });
    expect(source.domain.period).toBe(24);
    expect((await source.open()).skipped).toEqual([]);
  });

  test("without a header or without times is a series of rows", async () => {
    const bare = sourceOf(table((i) => `${load(i)}`, "0"));
    // The first row is one of values: 101 rows, of which the last 30 begin with row 71, hour 70.
    expect(await firstValues(bare)).toEqual(expected);
    expect(bare.domain.columns[0]!.name).toBe("column 1");
    expect(bare.domain).not.toHaveProperty("period");
    expect((await (await bare.open()).item(0)).id).toBe("csv step 71");
    const cycle = sourceOf(
      table((i) => `${load(i)}`, "load"),
      { period: 24 },
    );
    expect((await (await cycle.open()).item(0)).guess!.name).toBe("the cycle before");
  });

  test("of decimal commas alone in one column is not cut at them", async () => {
    const source = sourceOf(table((i) => String(load(i)).replace(".", ","), "load"));
    expect(await firstValues(source)).toEqual(expected);
  });

  test("takes several columns in the order of the option", async () => {
    const two = table((i) => `${time(i)},${load(i)},${-i}`, "time,load [kW],outside (°C)");
    const source = sourceOf(two, { columns: ["outside", "load [kW]"], box: [-0.5, 1.2] });
    expect(source.domain.columns.map(({ name, unit }) => [name, unit])).toEqual([
      ["outside", "°C"],
      ["load", "kW"],
    ]);
    expect((await (await source.open()).item(0)).input.shape).toEqual([4, 2]);
  });

  test.each([
    ["days first", (month: number, day: number) => `${day}/${month}/2024`],
    ["months first", (month: number, day: number) => `${month}/${day}/2024`],
  ])("is read with %s as the rows around say, even in the first days of months", async (_, write) => {
    const days = table((i) => {
      const date = new Date(Date.UTC(2024, 0, 1 + i));
      return `${write(date.getUTCMonth() + 1, date.getUTCDate())},${load(i)}`;
    });
    expect(sourceOf(days).domain.options).toMatchObject({ step: "1 d", period: 7 });
    const months = Array.from({ length: 100 }, (_, i) => {
      const year = 1990 + Math.floor(i / 12);
      return `${write((i % 12) + 1, 1).replace("2024", String(year))},${load(i)}`;
    });
    expect(sourceOf(["date,load", ...months].join("\n")).domain.options).toMatchObject({ step: "1 month", period: 12 });
  });

  test("of trading days is taken row by row where the option says so", async () => {
    const days = table((i) => {
      const date = new Date(Date.UTC(2024, 0, 1 + i + 2 * Math.floor(i / 5)));
      return `${date.toISOString().slice(0, 10)},${load(i)}`;
    });
    await expect(sourceOf(days).open()).rejects.toMatchObject({ code: "irregular-steps" });
    const source = sourceOf(days, { steps: "rows" });
    expect(await firstValues(source)).toEqual(expected);
    expect((await (await source.open()).item(0)).id).toBe("csv 2024-04-08");
  });
});

describe("missing values", () => {
  const ids = async (data: OpenData): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: data.size }, async (_, i) => (await data.item(i)).id.slice(-5)));

  test.each<[string, (i: number) => string | undefined]>([
    ["a row that is not there", (i) => (i === 80 ? undefined : `${time(i)},${load(i)}`)],
    ["an empty cell", (i) => `${time(i)},${i === 80 ? "" : load(i)}`],
    ["a word for nothing", (i) => `${time(i)},${i === 80 ? "NA" : load(i)}`],
  ])("%s costs the windows over it and is named with its line", async (_, row) => {
    const data = await sourceOf(table(row), { stride: 1 }).open();
    // 25 starts, hours 70 … 94; six of them, 75 … 80, hold hour 80.
    expect(data.size).toBe(19);
    expect(await ids(data)).not.toContain("08:00");
    expect(data.skipped).toEqual([
      {
        id: expect.stringMatching(/^\d+\.csv:81$/),
        reason: expect.stringMatching(/"load" has no value in 1 step after 2024-01-04T07:00; .* option "fill"/),
      },
    ]);
    const filled = sourceOf(table(row), { stride: 1, fill: 1 });
    const whole = await filled.open();
    expect([whole.size, whole.skipped.length]).toEqual([25, 0]);
    // Half way between its neighbours, as the hours themselves are.
    expect((await whole.item(10)).input.data[0]).toBeCloseTo(load(80) / 23 - 0.5 / 23, 6);
  });

  test("a gap longer than the option fills stays", async () => {
    const content = table((i) => (i >= 80 && i < 83 ? undefined : `${time(i)},${load(i)}`));
    const data = await sourceOf(content, { stride: 1, fill: 2 }).open();
    expect(data.skipped[0]!.reason).toMatch(/3 steps after 2024-01-04T07:00/);
    expect(data.size).toBe(17);
  });

  test("a cell that is no number, a time that is none and one that stands twice are named", async () => {
    const content = table((i) => {
      if (i === 10) return `${time(i)},broken`;
      if (i === 20) return `yesterday,${load(i)}`;
      return i === 30 ? `${time(i)},1\n${time(i)},${load(i)}` : `${time(i)},${load(i)}`;
    });
    const reasons = (await sourceOf(content, { fill: 1 }).open()).skipped.map(({ id, reason }) => `${id} ${reason}`);
    expect(reasons).toEqual([
      expect.stringMatching(/csv:12 column "load" says "broken", which is no number/),
      expect.stringMatching(/csv:22 its time cannot be read/),
      expect.stringMatching(/csv:33 its time stands twice/),
    ]);
  });
});

describe("tables that cannot be used", () => {
  const utf16 = new Uint8Array([0xff, 0xfe, ...Buffer.from(plain, "utf16le")]);
  test.each<[string, string | Uint8Array, Options, string, RegExp]>([
    ["nothing", "", {}, "unreadable-series", /is empty/],
    ["a header alone", "time,load\n", {}, "unreadable-series", /no row below/],
    ["UTF-16", utf16, {}, "unreadable-series", /UTF-16. Save it in UTF-8/],
    ["another encoding", Buffer.from(plain.replace("kW", "°C"), "latin1"), {}, "unreadable-series", /not in UTF-8/],
    ["no text", new Uint8Array([80, 75, 0, 0]), {}, "unreadable-series", /zero bytes/],
    ["a quotation mark never closed", plain.replace("12.5", '"12.5'), {}, "unreadable-series", /never closed/],
    [
      "bare decimal commas between commas",
      table((i) => `${time(i)},${i},5`),
      {},
      "unreadable-series",
      /3 cells in line 2, and its header 2/,
    ],
    [
      "no column of numbers",
      table((i) => `${time(i)},${i % 2 ? "on" : "off"}`, "time,state"),
      {},
      "not-numeric",
      /"state": line 2 says "off"/,
    ],
    [
      "a named column of words",
      table((i) => `${time(i)},${load(i)},on`, "time,load,state"),
      { columns: ["state"] },
      "not-numeric",
      /"state": line 2 says "on"/,
    ],
    ["times alone", table((i) => time(i), "time"), {}, "not-numeric", /none beside the time/],
    [
      "a column that is not there",
      plain,
      { columns: ["heat"] },
      "bad-option",
      /"columns" must be columns of .* time, load \[kW\]/,
    ],
    ["a time that is not there", plain, { time: "when" }, "bad-option", /"time" must be a column of/],
    ["a time that is none", plain, { time: "load [kW]" }, "bad-option", /line 2 says "0.5"/],
    [
      "two frequencies",
      table((i) => `${time(i < 50 ? i : 50 + 3 * (i - 50))},${load(i)}`),
      {},
      "irregular-steps",
      /steps are mixed/,
    ],
    ["one time step", `time,load\n${time(0)},3\n`, {}, "too-short", /has 1 step/],
    ["a horizon longer than the data", plain, { horizon: 500 }, "too-short", /has 100 steps/],
    ["a constant", table((i) => `${time(i)},7`), {}, "constant-series", /"load" is 7 at every step/],
  ])("%s", async (_, content, options, code, message) => {
    const source = sourceOf(content, options);
    await expect(source.open()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("a file that is not there, a folder, and no path", async () => {
    await expect(csv({ path: join(folder, "none.csv") }).open()).rejects.toMatchObject({ code: "no-such-file" });
    await expect(csv({ path: folder }).open()).rejects.toMatchObject({ code: "no-such-file" });
    expect(() => csv({} as CsvOptions)).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(() => csv({ path: "a.csv", decimal: "'" } as never)).toThrow(/"decimal" must be one of/);
  });
});
