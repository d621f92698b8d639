import { type DefenceCell, type EvaluationRecord, type Interval, strongestAdaptive } from "@recon/core";
import { type Axis, linearAxis, logAxis } from "./axis.ts";
import { type Html, html } from "./html.ts";
import { formatNumber } from "./number-format.ts";

const size = { width: 560, left: 150, right: 20, top: 10, row: 30, bottom: 44 };

/**
 * What the strongest attacks leave under each defence at one level of utility: a filled dot for the attacker who was told of the defence, a hollow one for the
 * attacker who was not, their intervals, the proven bound, and the blind guess. Undefined where nothing was measured.
 */
export function evaluationChart(record: EvaluationRecord, level: number): Html | undefined {
  const cells = cellsAtLevel(record, level).filter((cell) => strongestAdaptive(cell)?.score !== undefined);
  const values = cells.flatMap(valuesOf).filter((value) => Number.isFinite(value));
  if (values.length === 0) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = size.top + size.row * cells.length + size.bottom;
  const x = (low > 0 ? logAxis : linearAxis)(low, high, size.left, size.width - size.right);
  const { name, unit, better } = record.metric;
  const protectedBy = better === "lower" ? "further right is better protected" : "further left is better protected";
  const label = `At ${formatNumber(level)} points of accuracy`;
  return html`<figure class="chart"><svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${label}: ${cells.map(described).join("; ")}">
${x.ticks.map((tick) => html`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${size.top}" y2="${height - size.bottom}"/><text x="${x.at(tick)}" y="${height - size.bottom + 17}" text-anchor="middle">${formatNumber(tick, 1)}</text>`)}
${cells.map((cell, index) => row(cell, size.top + size.row * (index + 0.5), x))}
<text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${height - 6}" text-anchor="middle">${name}${unit === "" ? "" : ` (${unit})`}, ${protectedBy}</text>
</svg><figcaption><b>${label}.</b> Filled: told of the defence. Hollow: not told. Cross: a blind guess. Dashed: no attacker can be further to the ${better === "lower" ? "left" : "right"}.</figcaption></figure>`;
}

/** The cells that were set to cost as much; those that were set to an ε are apart. */
export function cellsAtLevel({ cells }: EvaluationRecord, level: number): readonly DefenceCell[] {
  return cells.filter((cell) => cell.epsilon === undefined && cell.level === level);
}

function valuesOf(cell: DefenceCell): readonly number[] {
  const scores = [strongestAdaptive(cell)?.score, obliviousScore(cell), cell.floor].filter((one) => one !== undefined);
  const bound = cell.bound?.kind === "lower" ? [cell.bound.value] : [];
  return [...scores.flatMap(({ mean, bounds }) => [mean, ...(bounds ?? [])]), ...bound];
}

/** Score of the strongest attack that was not told of the defence. */
export function obliviousScore(cell: DefenceCell): Interval | undefined {
  const { oblivious } = cell.strongest;
  return cell.outcomes.find((outcome) => !outcome.adaptive && outcome.attack === oblivious)?.score;
}

function described(cell: DefenceCell): string {
  const told = strongestAdaptive(cell)?.score?.mean;
  return `${cell.defence} ${told === undefined ? "not measured" : formatNumber(told)}`;
}

function row(cell: DefenceCell, y: number, x: Axis): Html {
  const told = strongestAdaptive(cell)?.score;
  const untold = obliviousScore(cell);
  return html`<text x="${size.left - 12}" y="${y + 4}" text-anchor="end">${cell.defence}</text>
${cell.bound?.kind === "lower" && html`<line class="bound" x1="${x.at(cell.bound.value)}" x2="${x.at(cell.bound.value)}" y1="${y - 11}" y2="${y + 11}"/>`}
${cell.floor && html`<path class="grid guess" d="M${x.at(cell.floor.mean) - 4} ${y - 4}l8 8m0 -8l-8 8"/>`}
${untold && html`${whisker(untold, y, x)}<circle class="floor-dot" cx="${x.at(untold.mean)}" cy="${y}" r="5"/>`}
${told && html`${whisker(told, y, x)}<circle class="score-dot" cx="${x.at(told.mean)}" cy="${y}" r="4"/>`}`;
}

function whisker({ bounds }: Interval, y: number, x: Axis): Html | undefined {
  if (bounds === null) return undefined;
  return html`<line class="whisker" x1="${x.at(bounds[0])}" x2="${x.at(bounds[1])}" y1="${y}" y2="${y}"/>`;
}
