import type { Picture } from "@recon/core";
import type { Column } from "../domain.ts";
import { band, chart, curve, frame, type Height, type LegendEntry } from "./chart.ts";
import type { ShownCurves } from "./shown-curves.ts";
import { roundTicks, stepTicks } from "./ticks.ts";

/** What a picture of a window needs besides its curves. */
export interface WindowShown {
  readonly observed: number;
  /** Steps of the longest curve. */
  readonly length: number;
  readonly period: number | undefined;
  /** Text of the horizontal axis. */
  readonly time: string;
  /** Who says what is shown as the floor. */
  readonly floorName: string;
}

/** Truth, reconstruction with its band, and floor of one column as curves in the column's own units. */
export function curvePicture(curves: ShownCurves, column: Column, shown: WindowShown, caption: string): Picture {
  const { length, observed, period, time, floorName } = shown;
  const [low, high] = rangeOf(curves);
  const real = (value: number): number => column.min + value * (column.max - column.min);
  const [realLow, realHigh] = [real(low), real(high)];
  const perUnit = (frame.bottom - frame.top) / (realHigh - realLow);
  const heightOfReal: Height = (value) => frame.bottom - (value - realLow) * perUnit;
  const height: Height = (value) => heightOfReal(real(value));
  const { truth, estimate, floor } = curves;
  const drawn: readonly (readonly [string, string, string])[] = [
    ["truth", "truth", truth === undefined ? "" : curve(truth, 0, length, height, "truth")],
    ["floor", floorName, floor === undefined ? "" : curve(floor, 0, length, height, "floor")],
    ["band", "± 2 standard deviations", curves.band ? band(curves.band.low, curves.band.high, length, height) : ""],
    ["estimate", "reconstruction", estimate === undefined ? "" : curve(estimate, 0, length, height, "estimate")],
  ];
  const visible = drawn.filter(([, , marks]) => marks !== "");
  const quantity = column.unit === "" ? column.name : `${column.name}, ${column.unit}`;
  const ticks = roundTicks(realLow, realHigh, 5);
  return {
    title: column.name,
    caption,
    svg: chart({
      label: `${quantity} over ${length} ${time}. ${caption}`,
      quantity,
      time,
      length,
      observed,
      stepTicks: stepTicks(length, period, 9),
      ticks: ticks.map((value) => ({ value, text: numberText(value, ticks) })),
      height: heightOfReal,
      legend: visible.map(([style, text]): LegendEntry => ({ style, text })),
      marks: visible.map(([, , marks]) => marks).join(""),
    }),
  };
}

/** How far an estimate may stretch the axis beyond truth and floor, in their own range: one that flies off must not flatten them. */
const stretch = 0.75;

/** The range of the vertical axis, on the scale of the data. */
function rangeOf({ truth, estimate, floor, band: around }: ShownCurves): readonly [number, number] {
  const firm = finite([truth, floor]);
  const all = finite([truth, floor, estimate, around?.low, around?.high]);
  if (all.length === 0) return [0, 1];
  const [low, high] = extremes(firm.length === 0 ? all : firm);
  const room = stretch * Math.max(high - low, 1e-3);
  const [least, most] = extremes(all);
  const [from, to] = firm.length === 0 ? [low, high] : [Math.max(least, low - room), Math.min(most, high + room)];
  const margin = 0.06 * Math.max(to - from, 1e-6);
  return [from - margin, to + margin];
}

function finite(curves: readonly (Float64Array | undefined)[]): readonly number[] {
  return curves.flatMap((values) => Array.from(values ?? [])).filter(Number.isFinite);
}

/** The smallest and the largest of some values. */
export function extremes(values: readonly number[]): readonly [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** A tick's number with as many digits as tell it from its neighbours. */
function numberText(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : Math.abs(value) || 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (digits > 6 || Math.abs(value) >= 1e9) return value.toExponential(2);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
