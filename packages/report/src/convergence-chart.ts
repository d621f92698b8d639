import type { ResultRecord } from "@recon/core";
import { type Axis, linearAxis, logAxis } from "./axis.ts";
import { type Html, html } from "./html.ts";
import { formatCount, formatNumber } from "./number-format.ts";

type Point = ResultRecord["trace"][number];

const size = { width: 480, height: 260, left: 62, right: 24, top: 12, bottom: 40 };
const mostCurves = 24;
const mostPoints = 300;

/**
 * The objective over evaluations, a curve an item, logarithmic where every value is positive. Undefined when no attack
 * searched: a curve needs two points.
 */
export function convergenceChart(results: readonly ResultRecord[], label: string): Html | undefined {
  const curves = results
    .map((result) =>
      result.trace.filter((point) => Number.isFinite(point.objective) && Number.isFinite(point.evaluations)),
    )
    .filter((trace) => trace.length > 1)
    .slice(0, mostCurves)
    .map(thinned);
  if (curves.length === 0) return undefined;
  const points = curves.flat();
  const objectives = points.map((point) => point.objective);
  const [low, high] = [Math.min(...objectives), Math.max(...objectives)];
  const y = (low > 0 ? logAxis : linearAxis)(low, high, size.height - size.bottom, size.top);
  const lastEvaluation = Math.max(...points.map((point) => point.evaluations));
  const x = linearAxis(0, lastEvaluation, size.left, size.width - size.right, 4);
  const about = `Objective against evaluations, ${curves.length} ${curves.length === 1 ? "item" : "items"}: from ${formatNumber(curves[0]?.[0]?.objective ?? high)} at the start to ${formatNumber(low)} at best.`;
  return html`<figure class="chart"><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}. ${about}">
${gridLines(x, y)}
${curves.map((trace) => html`<polyline class="curve" points="${path(trace, x, y)}"/>`)}
<text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 6}" text-anchor="middle">evaluations</text>
</svg><figcaption><b>${label}.</b> Objective of the search, one curve an item${low > 0 ? ", logarithmic scale" : ""}.</figcaption></figure>`;
}

function gridLines(x: Axis, y: Axis): Html {
  const right = size.width - size.right;
  const bottom = size.height - size.bottom;
  return html`${y.ticks.map((tick) => html`<line class="grid" x1="${size.left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text x="${size.left - 8}" y="${y.at(tick) + 4}" text-anchor="end">${powerOrNumber(tick)}</text>`)}
${x.ticks.map((tick) => html`<text x="${x.at(tick)}" y="${bottom + 17}" text-anchor="middle">${formatCount(tick)}</text>`)}`;
}

function powerOrNumber(value: number): string {
  return formatNumber(value, 1);
}

function path(trace: readonly Point[], x: Axis, y: Axis): string {
  return trace.map((point) => `${x.at(point.evaluations)},${y.at(point.objective)}`).join(" ");
}

/** Evenly chosen points; the first and the last stay. */
function thinned(trace: readonly Point[]): readonly Point[] {
  if (trace.length <= mostPoints) return trace;
  const stride = (trace.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, k) => trace[Math.round(k * stride)]).filter(
    (point) => point !== undefined,
  );
}
