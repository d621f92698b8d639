import { linearAxis } from "./axis.ts";
import { counted, type Finding, scoreIn } from "./finding.ts";
import { type Html, html } from "./html.ts";
import { ceilingOf, formatScore, metricTitle } from "./number-format.ts";

const size = { width: 480, left: 96, right: 22, top: 14, bottom: 40, row: 24 };
const mostRows = 24;

/** For each item a line from its floor to its score, in the first metric. Undefined when there are no scores or no floors. */
export function leakChart({ results, scores, attack }: Finding): Html | undefined {
  const metric = scores[0]?.metric;
  if (metric === undefined || scores[0]?.floor === undefined) return undefined;
  const rows = results
    .flatMap(({ item, trial, metric: score, floor }) => {
      const [reached, guessed] = [scoreIn(score, metric.name), scoreIn(floor, metric.name)];
      if (reached === undefined || guessed === undefined || !Number.isFinite(guessed) || Number.isNaN(reached))
        return [];
      return [{ item, trial, reached, score: counted(reached, metric), floor: counted(guessed, metric) }];
    })
    .filter((row) => Number.isFinite(row.score));
  const shown = rows.slice(0, mostRows);
  if (shown.length === 0) return undefined;
  const ends = shown.flatMap((row) => [row.score, row.floor]);
  const bottom = size.top + shown.length * size.row;
  const x = linearAxis(Math.min(0, ...ends), Math.max(...ends), size.left, size.width - size.right);
  const name = metricTitle(metric);
  const unit = metric.unit === "" ? "" : ` (${metric.unit})`;
  const ceiling = shown.some((row) => row.score === ceilingOf(metric.unit))
    ? ` Scores above ${ceilingOf(metric.unit)} ${metric.unit} are drawn at ${ceilingOf(metric.unit)}.`
    : "";
  const more = rows.length > shown.length ? ` The first ${shown.length} of ${rows.length} items.` : "";
  return html`<figure class="chart"><svg viewBox="0 0 ${size.width} ${bottom + size.bottom}" role="img" aria-label="${name} of ${shown.length} items under ${attack} against the floor">
${x.ticks.map((tick) => html`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${size.top - 4}" y2="${bottom}"/><text x="${x.at(tick)}" y="${bottom + 17}" text-anchor="middle">${String(Number(tick.toPrecision(6)))}</text>`)}
${shown.map((row, index) => {
  const y = size.top + (index + 0.5) * size.row;
  const below = metric.better === "higher" ? row.score <= row.floor : row.score >= row.floor;
  return html`<g class="${below ? "below" : "above"}"><text x="${size.left - 10}" y="${y + 4}" text-anchor="end">${shortened(row.item, 12)}</text><line class="leak" x1="${x.at(row.floor)}" x2="${x.at(row.score)}" y1="${y}" y2="${y}"/><circle class="floor-dot" cx="${x.at(row.floor)}" cy="${y}" r="4"/><circle class="score-dot" cx="${x.at(row.score)}" cy="${y}" r="5"><title>${row.item}: ${formatScore(row.reached, metric.unit)}, floor ${formatScore(row.floor, metric.unit)}</title></circle></g>`;
})}
<text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${bottom + size.bottom - 6}" text-anchor="middle">${shortened(`${name}${unit}`, 40)}</text>
</svg><figcaption><b>Leak by item.</b> ${name} from the floor (open circle) to the score under ${attack} (full circle), grey where it is no better.${ceiling}${more}</figcaption></figure>`;
}

/** SVG does not wrap lines. */
function shortened(words: string, most: number): string {
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}
