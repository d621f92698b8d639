import type { Interval, ResultRecord } from "@recon/core";
import { certificateWords, verdictBadges } from "./badge.ts";
import { convergenceChart } from "./convergence-chart.ts";
import { type Finding, formatGain, type MetricFinding } from "./finding.ts";
import { type Html, html } from "./html.ts";
import { itemSection } from "./item-section.ts";
import { leakChart } from "./leak-chart.ts";
import { meaning } from "./meaning.ts";
import { memorisationSection } from "./memorisation-section.ts";
import { ceilingOf, formatCount, formatScore, metricTitle } from "./number-format.ts";
import { type VerdictGroup, verdictGroups } from "./verdict-group.ts";

/** One attack in one scenario: what it means, scores over items, verdicts with reasons, curves, items, failures. */
export function attackSection(folder: string, finding: Finding): Html {
  const { scenario, attack, results, failures } = finding;
  const { tone, headline, sentences } = meaning(finding);
  const charts = [leakChart(finding), convergenceChart(results, "Convergence")].filter((chart) => chart !== undefined);
  return html`<section class="attack">
<h3>Attack: ${attack} ${verdictBadges(results)}</h3>
<div class="meaning ${tone}"><h4>What this means for the owner of the data</h4><p><b>${headline}</b> ${sentences.join(" ")}</p></div>
${finding.scores.length > 0 && scoreTable(finding)}
${memorisationSection(results)}
${reasons(results)}
${charts.length > 0 && html`<div class="charts">${charts}</div>`}
${results.length > 0 && html`<h4>Items</h4>${itemSection(folder, scenario, results)}`}
${failures.length > 0 && html`<h4>Failed trials</h4><p>They count as missed: ${formatCount(failures.length * scenario.batch)} of ${formatCount(finding.attempted)} items.</p><ul class="problems">${failures.map(({ trial, error }) => html`<li><b>Trial ${trial + 1}</b> <code>${error.code}</code> ${error.message}</li>`)}</ul>`}
</section>`;
}

function scoreTable({ scores, results, floorName }: Finding): Html {
  const capped = scores.find(({ cut }) => cut)?.metric;
  const note =
    capped === undefined
      ? ""
      : ` Scores above ${ceilingOf(capped.unit)} ${capped.unit} count as ${ceilingOf(capped.unit)} ${capped.unit}.`;
  const n = results.length === 1 ? "1 item" : `${formatCount(results.length)} items`;
  return html`<table class="stacked" role="table"><caption>Scores over ${n}. Brackets hold 95 % bootstrap intervals over items.${floorName !== "floor" && ` The floor is the score of: ${floorName}.`}${note}</caption>
<thead><tr role="row"><th role="columnheader" scope="col">Metric</th><th role="columnheader" scope="col">Median</th><th role="columnheader" scope="col">Mean</th><th role="columnheader" scope="col">Worst item</th><th role="columnheader" scope="col">Floor, median</th><th role="columnheader" scope="col">Leak: mean gain over the floor</th></tr></thead>
<tbody>${scores.map(scoreRow)}</tbody></table>`;
}

function scoreRow(found: MetricFinding): Html {
  const { metric, median, mean, worst, floor } = found;
  const score = (value: number): string => formatScore(value, metric.unit);
  const better = metric.better === "higher" ? "higher is better" : "lower is better";
  const cell = (label: string, content: Html | string): Html =>
    html`<td role="cell" data-label="${label}"><div>${content}</div></td>`;
  const range = ({ bounds }: Interval, print: (value: number) => string): Html | false =>
    bounds !== null && html` <span class="quiet">[${print(bounds[0])}, ${print(bounds[1])}]</span>`;
  const gain = (value: number): string => formatGain(value, found);
  return html`<tr role="row"><th role="rowheader" scope="row">${metricTitle(metric)} <span class="quiet">${better}</span></th>
${cell("Median", html`<strong>${score(median)}</strong>`)}${cell("Mean", html`${score(mean.mean)}${range(mean, score)}`)}${cell("Worst item", score(worst))}
${cell("Floor, median", floor === undefined ? "none" : score(floor.median))}${cell("Leak", floor === undefined ? "not measured" : html`${gain(floor.gain.mean)}${range(floor.gain, gain)}`)}</tr>`;
}

/** Verdict and certificate with their reasons, once for all items that share them. */
function reasons(results: readonly ResultRecord[]): Html {
  const entry = ({ verdict, certificate, results: group }: VerdictGroup): Html =>
    html`<div><dt>${formatCount(group.length)} × ${verdict}, ${certificateWords(certificate)}</dt><dd>${shared(group.map((result) => result.reason))} ${shared(group.map((result) => result.certificateReason))}</dd></div>`;
  return html`<dl class="reasons">${verdictGroups(results).map(entry)}${chosen(results)}</dl>`;
}

function chosen(results: readonly ResultRecord[]): Html | undefined {
  const explanations = results.flatMap((result) => (result.chosen === undefined ? [] : [result.chosen]));
  return explanations.length === 0
    ? undefined
    : html`<div><dt>Why this attack</dt><dd>${shared(explanations)}</dd></div>`;
}

function shared(sentences: readonly string[]): Html {
  const distinct = new Set(sentences);
  const first = [...distinct][0] ?? "";
  const ended = /[.!?]$/.test(first) || first === "" ? first : `${first}.`;
  const note =
    distinct.size > 1 && html` <span class="quiet">(${distinct.size} different; each is with its item)</span>`;
  return html`${ended}${note}`;
}
