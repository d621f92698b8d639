import type { RunContents, StoredPicture } from "@recon/core";
import { verdictBadges } from "./badge.ts";
import { type Finding, findings } from "./finding.ts";
import { type Html, html } from "./html.ts";
import { itemTitle } from "./item-section.ts";
import { type Meaning, meaning } from "./meaning.ts";
import { formatCount, formatScore, metricTitle } from "./number-format.ts";
import { isWide, pictureFigure, pictureView } from "./picture-view.ts";

const mostColumns = 6;
const mostRows = 2;
/** Of texts and drawings, one item is shown, with so many pictures. */
const mostWide = 3;

/** The page in short: one row a scenario and attack, and the pictures of what came back. */
export function summarySection(folder: string, contents: RunContents): Html {
  const all = contents.run.scenarios.map((scenario) => findings(contents, scenario));
  const strongest = all.map((found) => [...found].sort((a, b) => strength(b) - strength(a))[0]);
  const shown = strongest.filter((finding) => finding !== undefined);
  const tones = shown.map((finding) => meaning(finding).tone);
  return html`<section class="summary" id="summary"><h2>Summary</h2>
${tones.length > 0 && html`<p class="lead"><b>${conclusion(tones)}</b> A score counts as far as it exceeds the floor: the score of a guess by someone who never saw the observation.</p>`}
<table class="stacked" role="table"><caption>What was tried, and what came back</caption>
<thead><tr role="row">${["Scenario", "Attack", "Recovered with proof", "Better than the floor", "Median score", "Verdict"].map((title) => html`<th role="columnheader" scope="col">${title}</th>`)}</tr></thead>
<tbody>${contents.run.scenarios.map((scenario, index) => rows(scenario.title, index + 1, all[index] ?? []))}</tbody></table>
<div class="sheets">${contents.run.scenarios.map((scenario, index) => sheet(folder, scenario.title, index + 1, strongest[index]))}</div>
</section>`;
}

/** One sentence over all scenarios, by the strongest attack on each. */
function conclusion(tones: readonly Meaning["tone"][]): string {
  const exposed = tones.filter((tone) => tone === "exposed").length;
  const leaking = tones.filter((tone) => tone === "leaking").length;
  const of = (n: number): string =>
    tones.length === 1 ? "the one scenario" : `${formatCount(n)} of ${formatCount(tones.length)} scenarios`;
  if (exposed > 0) {
    const more = leaking > 0 ? `, and in ${formatCount(leaking)} more the observation leaks or seems to` : "";
    return `Data can be read back in ${of(exposed)}${more}.`;
  }
  return leaking > 0
    ? `The observation leaks, or seems to, in ${of(leaking)}.`
    : `No leak was shown in ${of(tones.length)}.`;
}

/** Proven items count before leaking ones, then the size of the leak. */
function strength({ recovered, attempted, scores }: Finding): number {
  const gain = scores[0]?.floor?.gain.mean ?? 0;
  return (recovered / Math.max(1, attempted)) * 1e6 + (Number.isFinite(gain) ? gain : 0);
}

function rows(title: string, number: number, found: readonly Finding[]): readonly Html[] {
  const heading = html`<th role="rowheader" scope="row"><a href="#scenario-${number}">${title}</a></th>`;
  if (found.length === 0)
    return [html`<tr role="row">${heading}<td role="cell" data-label="Verdict"><div>nothing done</div></td></tr>`];
  return found.map((finding) => {
    const first = finding.scores[0];
    const cell = (label: string, content: Html | string): Html =>
      html`<td role="cell" data-label="${label}"><div>${content}</div></td>`;
    const of = (n: number, total: number): string => `${formatCount(n)} of ${formatCount(total)}`;
    const planned =
      finding.attempted < finding.planned && html` <span class="quiet">${formatCount(finding.planned)} planned</span>`;
    const floor =
      first?.floor &&
      html` <span class="quiet">${finding.floorName} ${formatScore(first.floor.median, first.metric.unit)}</span>`;
    const score =
      first === undefined
        ? "no originals"
        : html`${metricTitle(first.metric)} <strong>${formatScore(first.median, first.metric.unit)}</strong>${floor}`;
    return html`<tr role="row">${heading}${cell("Attack", finding.attack)}${cell("Recovered with proof", html`${of(finding.recovered, finding.attempted)}${planned}`)}
${cell("Better than the floor", first?.floor === undefined ? "not measured" : of(first.floor.better, finding.attempted))}${cell("Median score", score)}${cell("Verdict", verdictBadges(finding.results))}</tr>`;
  });
}

function keyFigures({ recovered, attempted, floorName, scores }: Finding): Html {
  const first = scores[0];
  const proof = `${formatCount(recovered)} of ${formatCount(attempted)} recovered with proof`;
  if (first === undefined) return html`<p class="quiet">${proof}</p>`;
  const { metric, median, floor } = first;
  const beside = floor === undefined ? "" : `, ${floorName} ${formatScore(floor.median, metric.unit)}`;
  return html`<p class="quiet">${metricTitle(metric)} ${formatScore(median, metric.unit)}${beside}<span class="line">${proof}</span></p>`;
}

/** A contact sheet: a row for each of the first kinds of picture, a column an item. */
function sheet(folder: string, title: string, number: number, finding: Finding | undefined): Html | undefined {
  const shown = (finding?.results ?? []).filter((result) => result.pictures.length > 0).slice(0, mostColumns);
  const [first] = shown;
  if (finding === undefined || first === undefined) return undefined;
  const { headline, tone } = meaning(finding);
  const heading = html`<div><h3><a href="#scenario-${number}">${title}</a></h3><p class="${tone}">${headline}</p>${keyFigures(finding)}</div>`;
  const wide = first.pictures.filter(isWide);
  if (wide.length > 0) {
    const name = itemTitle(first, finding.scenario);
    return html`<section class="sheet">${heading}${wide.slice(0, mostWide).map((picture) => pictureFigure(folder, picture, name))}</section>`;
  }
  const kinds = first.pictures.slice(0, mostRows).map((picture) => picture.title);
  const cell = (picture: StoredPicture | undefined, owner: string): Html =>
    html`<td>${picture !== undefined && pictureView(folder, picture, owner)}</td>`;
  return html`<section class="sheet">${heading}<table class="contact columns-${shown.length}"><caption>${formatCount(shown.length)} of ${formatCount(finding.results.length)} items under ${finding.attack}</caption><tbody>${kinds.map(
    (kind) =>
      html`<tr><th scope="row">${kind}</th>${shown.map((result) =>
        cell(
          result.pictures.find((picture) => picture.title === kind),
          itemTitle(result, finding.scenario),
        ),
      )}</tr>`,
  )}</tbody></table></section>`;
}
