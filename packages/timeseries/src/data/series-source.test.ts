import { describe, expect, test } from "vitest";
import type { Series, SeriesColumn } from "./series.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

/** A source of a column of values; further columns are that times 2, 3, ... */
function sourceOf(
  values: readonly number[],
  options: WindowOptions,
  more: Partial<Series> = {},
  features = 1,
): SeriesSource {
  const columns = Array.from({ length: features }, (_, c) => ({
    name: `column ${c}`,
    unit: "",
    values: Float64Array.from(values, (value) => (c + 1) * value),
  }));
  return seriesSource({
    name: "made up",
    options: {},
    cut: cutOf("made up", options, windowChecks, { observed: 4, horizon: 2, box: [-0.2, 1.2] }),
    card: { title: "", source: "", licence: "" },
    read: () => ({ length: values.length, columns, label: (step) => `step ${step}`, ...more }),
  });
}

/** 0 … 4, over and over, with a lower level in the audit part, so that scale and mean are those of the training part. */
const saw = Array.from({ length: 100 }, (_, i) => (i % 5) * (i < 70 ? 1 : 0.5));
const cycle = { steps: 5, name: "week" };

describe("windows", () => {
  test("are scaled by the training part, and end with the target that continues column 0", async () => {
    const source = sourceOf(saw, {}, { cycle }, 2);
    const data = await source.open();
    expect(source.domain.columns).toEqual([
      { name: "column 0", unit: "", min: 0, max: 4 },
      { name: "column 1", unit: "", min: 0, max: 8 },
    ]);
    expect(Array.from(source.domain.blind([1, 2]).data)).toEqual([0.5, 0.5]);
    const { input, target, id } = await data.item(0);
    expect(id).toBe("made up step 70");
    expect(input.shape).toEqual([4, 2]);
    expect(input.data).toEqual(Float32Array.of(0, 0, 0.125, 0.125, 0.25, 0.25, 0.375, 0.375));
    expect(target).toEqual({ shape: [2], data: Float32Array.of(0.5, 0) });
  });

  test("lie wholly in the audit part, a cycle apart, and those for training wholly before it", async () => {
    const series = Array.from({ length: 100 }, (_, i) => i);
    const data = await sourceOf(series, { box: [-2, 2] }, { cycle }).open();
    const firsts = async (from: typeof data.training): Promise<readonly number[]> =>
      Promise.all(Array.from({ length: from!.size }, async (_, i) => (await from!.item(i)).input.data[0]! * 69));
    // Steps 70 … 99 hold windows of 6 at 70, 75, 80, 85 and 90; the training part of 70 steps holds one at 0 … 64.
    expect((await firsts(data)).map(Math.round)).toEqual([70, 75, 80, 85, 90]);
    expect((await firsts(data.training)).map(Math.round)).toEqual(Array.from({ length: 65 }, (_, i) => i));
    const close = await sourceOf(series, { box: [-2, 2], stride: 8, training: 0.5, audit: 0.4 }).open();
    // 40 steps from 60 on.
    expect(close.size).toBe(5);
    expect(close.training!.size).toBe(45);
    await expect(data.item(5)).rejects.toMatchObject({ code: "no-such-item" });
  });

  test("that miss a value are not there; the target's column alone matters where it is forecast", async () => {
    const values = saw.map((value, i) => (i === 80 ? Number.NaN : value));
    const column = (of: readonly number[]): SeriesColumn => ({ name: "a", unit: "", values: Float64Array.from(of) });
    const size = async (columns: readonly SeriesColumn[]): Promise<number> =>
      (await sourceOf(saw, { stride: 1 }, { columns }).open()).size;
    // Of the 25 starts 70 … 94, a window of 6 that starts at 75 … 80 holds step 80.
    expect(await size([column(values)])).toBe(19);
    // As an input of 4 steps, 77 … 80 hold it.
    expect(await size([column(saw), column(values)])).toBe(21);
  });

  test("that leave the box are named, and left out by the options", async () => {
    const values = saw.map((value, i) => (i === 99 ? 40 : value));
    const data = await sourceOf(values, { stride: 1 }).open();
    expect(data.size).toBe(24);
    expect(data.skipped).toEqual([
      {
        id: "made up step 94",
        reason: expect.stringMatching(/"column 0" is 10\.000 at step 99, outside of the box \[-0\.2, 1\.2\]/),
        byOptions: true,
      },
    ]);
    expect((await sourceOf(values, { stride: 1, box: [0, 10] }).open()).size).toBe(25);
  });
});

describe("the guess of an item", () => {
  test("is the cycle before the window, repeated, whatever is inside the window", async () => {
    const inside = saw.map((value, i) => (i >= 71 && i < 77 ? 4 - value : value));
    for (const values of [saw, inside]) {
      const data = await sourceOf(values, { stride: 1 }, { cycle }).open();
      // Steps 66 … 70 are 1, 2, 3, 4, 0 on a scale of 4.
      expect((await data.item(1)).guess).toEqual({
        name: "the week before",
        input: { shape: [4, 1], data: Float32Array.of(0.25, 0.5, 0.75, 1) },
        target: { shape: [2], data: Float32Array.of(0, 0.25) },
      });
    }
  });

  test("is the value before where there is no cycle, and absent where that is not known", async () => {
    const data = await sourceOf(saw, { stride: 1 }).open();
    expect((await data.item(2)).guess).toMatchObject({
      name: "the value before",
      input: { data: Float32Array.of(0.125, 0.125, 0.125, 0.125) },
    });
    expect((await data.training!.item(0)).guess).toBeUndefined();
    const gap = saw.map((value, i) => (i === 73 ? Number.NaN : value));
    const broken = await sourceOf(gap, { stride: 1 }, { cycle }).open();
    // Windows from 74 on miss nothing; the cycle before 74 … 78 does.
    const guesses = await Promise.all([0, 4, 5].map(async (i) => (await broken.item(i)).guess?.name));
    expect(guesses).toEqual([undefined, undefined, "the week before"]);
  });
});

describe("series that cannot be used", () => {
  const message = async (open: () => Promise<unknown>): Promise<unknown> =>
    open().then(
      () => "opened",
      (error: unknown) => error,
    );

  test.each([
    ["a constant", saw.map(() => 3.5), {}, "constant-series", /"column 0" is 3\.5 at every step/],
    ["a constant training part", saw.map((_, i) => (i < 70 ? 1 : i)), {}, "constant-series", /larger share "training"/],
    ["one step", [1], {}, "too-short", /has 1 step, its audit part \(the last 30 %\) 0, and a window needs 6/],
    [
      "a horizon longer than the data",
      saw,
      { horizon: 200 },
      "too-short",
      /a window needs 204: observed 4 and horizon 200/,
    ],
    [
      "a horizon longer than the audit part",
      saw,
      { horizon: 28 },
      "too-short",
      /audit part \(the last 30 %\) 30, and .* 32/,
    ],
    ["nothing but gaps", saw.map((v, i) => (i % 5 === 0 ? Number.NaN : v)), {}, "no-data", /each misses a value/],
    [
      "no value to train on",
      saw.map((v, i) => (i < 75 ? Number.NaN : v)),
      {},
      "no-data",
      /no value in the training part/,
    ],
    ["a level that was never seen", saw.map((v, i) => (i < 70 ? v : v + 9)), {}, "no-data", /outside of the box/],
  ] as const)("%s is an error that says what to do", async (_, values, options, code, text) => {
    const error = await message(async () => sourceOf(values, options).open());
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
  });

  test.each([
    [{ training: 0.8 }, '"audit" must be at most'],
    [{ stride: 0 }, '"stride"'],
    [{ window: 3 }, 'no option "window"'],
  ])("bad options %j are named", (options, text) => {
    expect(() => sourceOf(saw, options as WindowOptions)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(text) }),
    );
  });

  test("a source reads nothing before it is asked, and then once", async () => {
    let reads = 0;
    const source = seriesSource({
      name: "counted",
      options: {},
      cut: cutOf("counted", {}, windowChecks, { observed: 4, horizon: 2, box: [-0.2, 1.2] }),
      card: { title: "", source: "", licence: "" },
      read: () => {
        reads++;
        return { length: 100, columns: [{ name: "a", unit: "", values: Float64Array.from(saw) }], label: String };
      },
    });
    expect(reads).toBe(0);
    expect(source.domain.observed).toBe(4);
    await source.open();
    await source.open();
    expect(reads).toBe(1);
  });
});
