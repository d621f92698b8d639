import type { ScenarioRecord } from "@recon/core";
import { linearAxis } from "./axis.ts";
import { type Html, html } from "./html.ts";
import { formatCount } from "./number-format.ts";

type Count = NonNullable<ScenarioRecord["diagnosis"]>["count"];

const size = { width: 480, left: 132, right: 24, top: 16, bottom: 40, row: 26 };
const mostRows = 12;

/** What the observation can hold, counted at every layer: a bar of features and other gradients, against the number of unknowns. */
export function countChart({ layers, unknowns }: Count): Html | undefined {
  const shown = layers.slice(0, mostRows);
  if (shown.length === 0) return undefined;
  // Counts far beyond the unknowns would press the line that matters against the axis.
  const end = Math.min(Math.max(unknowns, ...shown.map(({ count }) => count)), 3 * unknowns);
  const bottom = size.top + shown.length * size.row;
  const x = linearAxis(0, end, size.left, size.width - size.right, 4);
  const least = shown.reduce((a, b) => (b.count < a.count ? b : a));
  const line = x.at(unknowns);
  const more = layers.length > shown.length ? ` The first ${shown.length} of ${layers.length} layers.` : "";
  return html`<figure class="chart"><svg viewBox="0 0 ${size.width} ${bottom + size.bottom}" role="img" aria-label="Count at ${shown.length} layers; least ${formatCount(least.count)} at layer ${least.layer}, for ${formatCount(unknowns)} unknowns">
${x.ticks.map((tick) => html`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${size.top - 4}" y2="${bottom}"/><text x="${x.at(tick)}" y="${bottom + 17}" text-anchor="middle">${formatCount(tick)}</text>`)}
${shown.map(({ layer, features, count }, index) => {
  const y = size.top + index * size.row + 5;
  const [from, middle, to] = [x.at(0), x.at(features), x.at(count)];
  return html`<g class="${count < unknowns ? "short" : "enough"}"><text x="${size.left - 10}" y="${y + 12}" text-anchor="end">${shortened(layer, 8)}</text><rect class="features" x="${from}" y="${y}" width="${width(from, middle)}" height="16"/><rect class="others" x="${middle}" y="${y}" width="${width(middle, to)}" height="16"/><title>${layer}: ${formatCount(features)} + ${formatCount(count - features)}</title></g>`;
})}
<line class="bound" x1="${line}" x2="${line}" y1="${size.top - 8}" y2="${bottom}"/>
<text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${bottom + size.bottom - 6}" text-anchor="middle">numbers that can be told apart</text>
</svg><figcaption><b>Count at each layer.</b> Entries of the features that enter it (full) and of the gradients that these do not determine (pale). A bar that ends before the dashed line, the ${formatCount(unknowns)} unknowns, proves that the data is not determined.${more}</figcaption></figure>`;
}

function width(from: number, to: number): number {
  return Math.round((to - from) * 10) / 10;
}

/** The end of words that takes at most so many units of the font's size: SVG does not wrap lines. */
function shortened(words: string, most: number): string {
  const letters = [...words];
  let taken = 0;
  let kept = 0;
  while (kept < letters.length && taken + wideness(letters[letters.length - 1 - kept]!) <= most) {
    taken += wideness(letters[letters.length - 1 - kept]!);
    kept++;
  }
  return kept === letters.length ? words : `…${letters.slice(letters.length - Math.max(0, kept - 1)).join("")}`;
}

/** A generous width of a letter, in units of the font's size. */
function wideness(letter: string): number {
  if (/^[ -~]$/.test(letter)) return /[A-Zmw@%]/.test(letter) ? 0.95 : 0.6;
  return 1.3;
}
