import type { Picture } from "@recon/core";
import { chart, curve, frame, type Height } from "./chart.ts";
import { extremes, type WindowShown } from "./curve-picture.ts";
import { decades, stepTicks } from "./ticks.ts";

/** Errors of the steps: of every column the largest, on the scale of the data. */
export interface StepErrors {
  readonly estimate: Float64Array;
  readonly floor?: Float64Array;
}

/** Below this an error is no more than float64's rounding. */
const smallest = 1e-16;

/** The absolute error of every step on a logarithmic axis: which steps came back, and how well, where the curves themselves lie on each other. */
export function errorPicture(errors: StepErrors, shown: WindowShown): Picture {
  const { length, observed, period, time, floorName } = shown;
  const bounded = (values: Float64Array): Float64Array => values.map((value) => Math.max(value, smallest));
  const [estimate, floor] = [bounded(errors.estimate), errors.floor && bounded(errors.floor)];
  const all = [...estimate, ...(floor ?? [])].filter(Number.isFinite);
  const [low, high] = all.length === 0 ? [1e-3, 1] : extremes(all);
  const ticks = decades(low, high, 6);
  const [from, to] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  const height: Height = (value) =>
    frame.bottom - ((Math.log10(value) - from) / (to - from)) * (frame.bottom - frame.top);
  const legend = [{ style: "estimate", text: "reconstruction" }];
  if (floor !== undefined) legend.unshift({ style: "floor", text: floorName });
  const caption = "Absolute error of every step; 1 is the range of the training part.";
  return {
    title: "error",
    caption,
    svg: chart({
      label: `${caption} ${length} ${time}.`,
      quantity: "error / range",
      time,
      length,
      observed,
      stepTicks: stepTicks(length, period, 9),
      ticks: ticks.map((value) => ({ value, text: powerText(value) })),
      height,
      legend,
      marks: [
        floor === undefined ? "" : curve(floor, 0, length, height, "floor"),
        curve(estimate, 0, length, height, "estimate"),
      ].join(""),
    }),
  };
}

const raised = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

/** A power of ten as 10⁻³; 1, 0.1 and 10 as they are. */
function powerText(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (Math.abs(exponent) <= 1) return String(10 ** exponent);
  const digits = [...String(Math.abs(exponent))].map((digit) => raised[Number(digit)]!).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}
