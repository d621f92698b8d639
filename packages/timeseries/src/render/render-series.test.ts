import type { Picture } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { type Column, seriesDomain } from "../domain.ts";
import { decades, roundTicks, stepTicks } from "./ticks.ts";

const column: Column = { name: "load <a&b>", unit: "kW", min: 100, max: 300 };
const domain = seriesDomain({ observed: 4, horizon: 2, columns: [column], period: 2, step: "1 h" });
const input = (...values: number[]): NdArray => ({ shape: [4, 1], data: Float64Array.from(values) });
const target = (...values: number[]): NdArray => ({ shape: [2], data: Float64Array.from(values) });

const truth = input(0, 0.25, 0.5, 1);
const full = {
  truth,
  estimate: input(0, 0.25, 0.5, 0.9),
  floor: input(0.5, 0.5, 0.5, 0.5),
  floorName: "the day before",
  uncertainty: input(0.01, 0.02, 0.03, 0.04),
  targets: { truth: target(0.5, 0), estimate: target(0.5, 0.001), floor: target(0.5, 0.5) },
};

function svgOf(picture: Picture | undefined): string {
  return picture !== undefined && "svg" in picture ? picture.svg : "";
}

/** The points of the first curve of a style: [x, y] each. */
function points(svg: string, style: string): readonly (readonly [number, number])[] {
  // The legend has a sample of each style, which starts at a height of 29 or 24.
  const paths = [...svg.matchAll(new RegExp(`<path class="${style}" d="([^"]*)"/>`, "g"))].map(([, path]) => path!);
  const drawn = paths.find((path) => !/^M[\d.]+ (29h|24h)/.test(path)) ?? "";
  return [...drawn.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
}

/** Value by height, from two labelled grid lines. */
function valueAt(svg: string): (y: number) => number {
  const ticks = [...svg.matchAll(/<text class="end" x="58" y="([\d.]+)">([\d,.]+)<\/text>/g)].map(
    ([, y, text]) => [Number(y) - 4, Number(text!.replace(",", ""))] as const,
  );
  const [[y0, v0], [y1, v1]] = [ticks[0]!, ticks.at(-1)!];
  return (y) => v0 + ((y - y0) / (y1 - y0)) * (v1 - v0);
}

describe("a picture of a window", () => {
  test("shows truth, reconstruction and floor in the column's units, the target after the input", async () => {
    const pictures = await domain.render(full);
    expect(pictures.map(({ title }) => title)).toEqual(["load <a&b>", "error"]);
    const svg = svgOf(pictures[0]);
    const real = valueAt(svg);
    const values = (style: string): number[] => points(svg, style).map(([, y]) => Math.round(real(y)));
    expect(values("truth")).toEqual([100, 150, 200, 300, 200, 100]);
    expect(values("estimate")).toEqual([100, 150, 200, 280, 200, 100]);
    expect(values("floor")).toEqual([200, 200, 200, 200, 200, 200]);
    const xs = points(svg, "truth").map(([x]) => x);
    expect(xs).toEqual([66, 194, 322, 450, 578, 706]);
    // Between the fourth step and the fifth.
    expect(svg).toMatch(/class="now" d="M514 /);
    expect(svg).toContain(">forecast</text>");
    expect(svg).toContain(">the day before</text>");
    expect(svg).toContain(">steps of 1 h</text>");
  });

  test("has a band of two standard deviations around the reconstruction of the input", async () => {
    const svg = svgOf((await domain.render(full))[0]);
    const real = valueAt(svg);
    const outline = points(svg, "band").map(([, y]) => real(y));
    // Above from left to right, below back again: 2 · .04 · 200 kW = 16 at the last step.
    expect(outline).toHaveLength(8);
    expect(outline[3]! - outline[4]!).toBeCloseTo(32, 0);
    expect(outline[0]! - outline[7]!).toBeCloseTo(8, 0);
    const { uncertainty, ...without } = full;
    expect(uncertainty.shape).toEqual([4, 1]);
    expect(svgOf((await domain.render(without))[0])).not.toContain('class="band"');
  });

  test("says how far off it is, and names the user's own words as text only", async () => {
    const [curves] = await domain.render(full);
    // Roots of .01 / 4 and of 1e-6 / 2.
    expect(curves!.caption).toContain("0.050 (input), 7.1e-4 (forecast); the day before:");
    expect(svgOf(curves)).toContain("load &lt;a&amp;b&gt;, kW");
    expect(svgOf(curves)).not.toContain("<a&b>");
  });

  test("shows errors on a logarithmic axis where there is a truth", async () => {
    const svg = svgOf((await domain.render(full))[1]);
    const [estimate, floor] = [points(svg, "estimate"), points(svg, "floor")];
    // .1 and .001, two decades apart, and .5 of the floor above both; what is exact lies at the bottom.
    expect(estimate[3]![1]).toBeLessThan(estimate[5]![1]);
    expect(estimate[0]![1]).toBeGreaterThan(estimate[5]![1]);
    expect(floor[0]![1]).toBeLessThan(estimate[3]![1]);
    expect((await domain.render({ estimate: truth })).map(({ title }) => title)).toEqual(["load <a&b>"]);
  });

  test("is the same for the same item, and stands without a truth, a target or anything", async () => {
    expect(await domain.render(full)).toEqual(await domain.render(full));
    const alone = svgOf((await domain.render({ estimate: truth }))[0]);
    expect(points(alone, "estimate")).toHaveLength(4);
    expect(svgOf((await domain.render({}))[0])).toContain("</svg>");
  });

  test("keeps truth and floor readable when the reconstruction flies off or is no number", async () => {
    const wild = svgOf((await domain.render({ ...full, estimate: input(1e9, -1e9, Number.NaN, 0.5) }))[0]);
    const ys = points(wild, "truth").map(([, y]) => y);
    expect(Math.max(...ys) - Math.min(...ys)).toBeGreaterThan(70);
    expect(wild).not.toMatch(/NaN|Infinity/);
    const nothing = svgOf((await domain.render({ ...full, estimate: input(...new Array(4).fill(Number.NaN)) }))[0]);
    expect(nothing).not.toMatch(/NaN|Infinity/);
  });

  test("of several columns is one a column, the target with the first", async () => {
    const two = seriesDomain({
      observed: 2,
      horizon: 1,
      columns: [
        { name: "a", unit: "", min: 0, max: 1 },
        { name: "b", unit: "", min: 0, max: 10 },
      ],
    });
    const item = {
      truth: { shape: [2, 2], data: Float64Array.of(0, 0.1, 1, 0.9) },
      estimate: { shape: [2, 2], data: Float64Array.of(0, 0.1, 1, 0.8) },
      targets: { truth: { shape: [1], data: Float64Array.of(0.5) } },
    };
    const pictures = await two.render(item);
    expect(pictures.map(({ title }) => title)).toEqual(["a", "b", "error"]);
    expect(points(svgOf(pictures[0]), "truth")).toHaveLength(3);
    const second = svgOf(pictures[1]);
    expect(points(second, "truth").map(([, y]) => Math.round(valueAt(second)(y)))).toEqual([1, 9]);
    expect(second).not.toContain("forecast");
  });
});

test("ticks are round, and whole cycles where there are any", () => {
  expect(roundTicks(43.2, 48.9, 5)).toEqual([44, 46, 48]);
  expect(roundTicks(0, 1, 5).map((value) => Number(value.toFixed(3)))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(stepTicks(70, 7, 9)).toEqual([0, 14, 28, 42, 56, 70]);
  expect(stepTicks(192, 24, 9)).toEqual([0, 24, 48, 72, 96, 120, 144, 168, 192]);
  expect(stepTicks(6, 24, 9)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(decades(2e-6, 0.3, 6).map((value) => Math.round(Math.log10(value)))).toEqual([-6, -5, -4, -3, -2, -1, 0]);
  expect(decades(0.2, 0.3, 6)).toHaveLength(2);
});
