import { curveStyle } from "./curve-style.ts";

/** The frame of a chart in its own units; what is drawn inside lies between its edges. */
export const frame = { width: 720, height: 304, left: 66, right: 706, top: 60, bottom: 258 } as const;

/** Where a value of the vertical axis lies; smaller values lie lower. */
export type Height = (value: number) => number;

/** A value that is labelled on an axis. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** What a chart over the steps of a window shows besides its marks. */
export interface ChartOptions {
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  /** Name and unit of the vertical axis. */
  readonly quantity: string;
  /** Text of the horizontal axis. */
  readonly time: string;
  /** Number of steps in all, and where the forecast begins. */
  readonly length: number;
  readonly observed: number;
  readonly stepTicks: readonly number[];
  readonly ticks: readonly Tick[];
  readonly height: Height;
  readonly legend: readonly LegendEntry[];
  /** SVG elements, behind the line where the forecast begins. */
  readonly marks: string;
}

export interface LegendEntry {
  readonly text: string;
  /** Class of the curve. */
  readonly style: string;
}

/** Where a step lies from left to right: the first at the left edge, the last at the right. */
export function across(step: number, length: number): number {
  return rounded(frame.left + ((frame.right - frame.left) * step) / Math.max(1, length - 1));
}

/** A chart as SVG: axes with ticks, a legend, and a line where the forecast begins. It stands alone, on light and on dark. */
export function chart(options: ChartOptions): string {
  const { label, quantity, time, length, observed, height } = options;
  const { width, left, right, top, bottom } = frame;
  const rows = options.ticks.map(({ value, text }) => {
    const y = rounded(height(value));
    return `<path class="grid" d="M${left} ${y}H${right}"/><text class="end" x="${left - 8}" y="${y + 4}">${escaped(text)}</text>`;
  });
  const columns = options.stepTicks
    .filter((step) => step < length)
    .map((step) => {
      const x = across(step, length);
      return `<path class="grid" d="M${x} ${bottom}v5"/><text class="middle" x="${x}" y="${bottom + 20}">${step}</text>`;
    });
  // Between the last observed step and the first forecast one.
  const now = across(observed - 0.5, length);
  const forecast =
    observed < length
      ? `<path class="now" d="M${now} ${top - 14}V${bottom}"/><text x="${rounded(now + 6)}" y="${top - 5}">forecast</text>`
      : "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${frame.height}" width="${width}" height="${frame.height}" role="img" aria-label="${escaped(label)}">`,
    `<style>${curveStyle}</style>`,
    `<clipPath id="inside"><rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/></clipPath>`,
    `<text class="strong" x="${left}" y="16">${escaped(quantity)}</text>`,
    legendOf(options.legend),
    ...rows,
    ...columns,
    `<text class="end" x="${right}" y="${bottom + 38}">${escaped(time)}</text>`,
    `<g clip-path="url(#inside)">${options.marks}</g>`,
    forecast,
    "</svg>",
  ].join("");
}

/** A curve through values by step, from a first step on; it breaks where a value is not a number. */
export function curve(values: ArrayLike<number>, first: number, length: number, height: Height, style: string): string {
  let path = "";
  let open = false;
  for (let i = 0; i < values.length; i++) {
    const y = drawn(height(values[i]!));
    if (Number.isFinite(y)) path += `${open ? "L" : "M"}${across(first + i, length)} ${y}`;
    open = Number.isFinite(y);
  }
  return path === "" ? "" : `<path class="${style}" d="${path}"/>`;
}

/** The area between two curves from the first step on. */
export function band(low: ArrayLike<number>, high: ArrayLike<number>, length: number, height: Height): string {
  const points = (values: ArrayLike<number>): string[] =>
    Array.from(values, (value, i) => `${across(i, length)} ${drawn(height(value))}`);
  const outline = [...points(high), ...points(low).reverse()];
  return outline.some((point) => /NaN|Infinity/.test(point)) ? "" : `<path class="band" d="M${outline.join("L")}Z"/>`;
}

/** A height that renderers can hold: what flies off does so beyond the frame. */
function drawn(height: number): number {
  return rounded(Math.min(10 * frame.height, Math.max(-10 * frame.height, height)));
}

function legendOf(entries: readonly LegendEntry[]): string {
  // About the width of a letter at the size of the legend.
  const letter = 6.4;
  let x: number = frame.left;
  return entries
    .map(({ text, style }) => {
      const start = x;
      x += 30 + letter * text.length + 18;
      const line = style === "band" ? `M${start} 24h22v10h-22Z` : `M${start} 29h22`;
      return `<path class="${style}" d="${line}"/><text x="${start + 29}" y="33">${escaped(text)}</text>`;
    })
    .join("");
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text for SVG: names of columns are the user's own. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (mark) => names[mark]!);
}
