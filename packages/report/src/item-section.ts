import type { ResultRecord, ScenarioRecord } from "@recon/core";
import { certificateWords, verdictBadge } from "./badge.ts";
import { scoreIn } from "./finding.ts";
import { type Html, html } from "./html.ts";
import { formatCount, formatNumber, formatScore, formatSeconds, metricTitle } from "./number-format.ts";
import { pictureFigure } from "./picture-view.ts";
import { type VerdictGroup, verdictGroups } from "./verdict-group.ts";

/** Items beyond this many are listed without their pictures, so that the page stays openable. */
const mostWithPictures = 24;

/** How one item is called in headings and alternative texts. */
export function itemTitle(result: ResultRecord, scenario: ScenarioRecord): string {
  return scenario.trials > 1 ? `item ${result.item}, trial ${result.trial + 1}` : `item ${result.item}`;
}

/** Every item of one attack: pictures side by side, scores with their floors, certificate and verdict with their reasons. */
export function itemSection(folder: string, scenario: ScenarioRecord, results: readonly ResultRecord[]): Html {
  const groups = verdictGroups(results);
  const rest = results.length - mostWithPictures;
  return html`<div class="items">
${results.slice(0, mostWithPictures).map((result) => card(folder, scenario, result, groups))}
${rest > 0 && html`<details><summary>${formatCount(rest)} more items, without pictures</summary>${results.slice(mostWithPictures).map((result) => card(folder, scenario, result, groups, false))}</details>`}
</div>`;
}

function card(
  folder: string,
  scenario: ScenarioRecord,
  result: ResultRecord,
  groups: readonly VerdictGroup[],
  withPictures = true,
): Html {
  // What all items of a verdict share is said once, above.
  const own = groups.find((group) => group.results.includes(result))?.differing ?? [];
  const name = itemTitle(result, scenario);
  return html`<article class="item">
<header><h5>${name.charAt(0).toUpperCase()}${name.slice(1)}</h5>${verdictBadge(result.verdict)}<span class="quiet">${result.certificate === "none" ? "" : "certificate: "}${certificateWords(result.certificate)}</span></header>
${withPictures && result.pictures.length > 0 && html`<div class="pictures">${result.pictures.map((picture) => pictureFigure(folder, picture, name))}</div>`}
<div class="item-facts">
<dl class="numbers">${scores(scenario, result)}
<div><dt>Residual</dt><dd>${formatNumber(result.residual, 2)}</dd></div>
<div><dt>Effort</dt><dd>${formatCount(result.evaluations)} ${result.evaluations === 1 ? "evaluation" : "evaluations"}, ${formatSeconds(result.seconds)}</dd></div>
<div><dt>Observation</dt><dd>${result.observation}, norm ${formatNumber(result.observed.norm)}${result.observed.relNoise > 0 && `, relative noise ${formatNumber(result.observed.relNoise, 2)}`}</dd></div></dl>
${own.includes("reason") && html`<p><b>Verdict.</b> ${result.reason}</p>`}
${own.includes("certificateReason") && html`<p><b>Certificate.</b> ${result.certificateReason}</p>`}
${own.includes("chosen") && html`<p><b>Why this attack.</b> ${result.chosen ?? "It was named."}</p>`}
</div></article>`;
}

function scores(scenario: ScenarioRecord, result: ResultRecord): readonly Html[] {
  return scenario.metrics.flatMap((metric) => {
    const score = scoreIn(result.metric, metric.name);
    const floor = scoreIn(result.floor, metric.name);
    if (score === undefined) return [];
    const beside =
      floor !== undefined &&
      html` <span class="quiet">${result.floorName ?? "floor"} ${formatScore(floor, metric.unit)}</span>`;
    return [
      html`<div><dt>${metricTitle(metric)}</dt><dd><strong>${formatScore(score, metric.unit)}</strong>${beside}</dd></div>`,
    ];
  });
}
