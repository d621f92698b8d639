import type { ScenarioRecord } from "@recon/core";
import { type Axis, linearAxis, logAxis } from "./axis.ts";
import { type Html, html } from "./html.ts";
import { formatCount, formatNumber } from "./number-format.ts";

type Diagnosis = NonNullable<ScenarioRecord["diagnosis"]>;
type Jacobian = NonNullable<Diagnosis["jacobian"]>;

const size = { width: 480, height: 260, left: 62, right: 24, top: 16, bottom: 40 };

/** Singular values of the Jacobian over their number, logarithmic, beside the number that the count allows. Undefined without a positive value. */
export function spectrumChart(jacobian: Jacobian, bound: number): Html | undefined {
  const { kind, points, unknowns, largest, smallest, tolerance, rank } = jacobian;
  const drawn = points.filter(([at, value]) => value > tolerance && Number.isFinite(value) && at < unknowns);
  const values = drawn.map(([, value]) => value);
  if (values.length === 0) return undefined;
  const y = logAxis(Math.min(...values), Math.max(...values), size.height - size.bottom, size.top);
  const x = linearAxis(0, unknowns, size.left, size.width - size.right, 4);
  const low = kind === "measured" ? formatNumber(smallest) : `at most ${formatNumber(smallest)}`;
  const about = `${kind === "measured" ? "All singular values" : "Singular values, estimated"}, from ${formatNumber(largest)} to ${low}, of ${formatCount(unknowns)} unknowns.`;
  return html`<figure class="chart"><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="Spectrum. ${about}">
${grid(x, y)}
${kind === "measured" ? html`<polyline class="curve" points="${drawn.map(([at, value]) => `${x.at(at + 1)},${y.at(value)}`).join(" ")}"/>` : drawn.map(([at, value]) => html`<circle class="spectrum-dot" cx="${x.at(at + 1)}" cy="${y.at(value)}" r="3"/>`)}
${bound < unknowns && boundLine(x.at(bound), bound)}
<text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 6}" text-anchor="middle">number of the singular value</text>
</svg><figcaption><b>Spectrum.</b> ${caption(jacobian, rank)}${bound < unknowns && html` No batch has more than ${formatCount(bound)} values above zero (dashed).`}</figcaption></figure>`;
}

function caption({ kind, unknowns, products, tolerance, smallest }: Jacobian, rank: number | undefined): string {
  const where = "at a batch drawn at random from the domain, since an attacker has no other";
  if (kind === "measured") {
    return `Singular values of the Jacobian of the observation in the inputs, ${where}. Measured rank ${formatCount(rank ?? 0)} of ${formatCount(unknowns)}, at a tolerance of ${formatNumber(tolerance)}.`;
  }
  return `Singular values of the Jacobian of the observation in the inputs, ${where}. Estimated from ${formatCount(products)} products: the largest is close, the smallest is at most ${formatNumber(smallest)}.`;
}

function boundLine(at: number, bound: number): Html {
  const right = at > size.width - 120;
  return html`<line class="bound" x1="${at}" x2="${at}" y1="${size.top - 4}" y2="${size.height - size.bottom}"/><text x="${right ? at - 6 : at + 6}" y="${size.top + 6}" text-anchor="${right ? "end" : "start"}">bound ${formatCount(bound)}</text>`;
}

function grid(x: Axis, y: Axis): Html {
  const right = size.width - size.right;
  const bottom = size.height - size.bottom;
  return html`${y.ticks.map((tick) => html`<line class="grid" x1="${size.left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text x="${size.left - 8}" y="${y.at(tick) + 4}" text-anchor="end">${formatNumber(tick, 1)}</text>`)}
${x.ticks.map((tick) => html`<text x="${x.at(tick)}" y="${bottom + 17}" text-anchor="middle">${formatCount(tick)}</text>`)}`;
}
