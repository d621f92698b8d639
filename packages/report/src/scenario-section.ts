import type { RunContents, ScenarioRecord } from "@recon/core";
import { attackSection } from "./attack-section.ts";
import { diagnosisSection } from "./diagnosis-section.ts";
import { evaluationSection } from "./evaluation-section.ts";
import { findings } from "./finding.ts";
import { flagSentence, strongFlags } from "./flag-sentences.ts";
import { type Html, html } from "./html.ts";
import { optionsLine } from "./json-view.ts";
import { formatCount } from "./number-format.ts";

/** One scenario: victim, what the attacker was given, data, and each attack. */
export function scenarioSection(folder: string, contents: RunContents, scenario: ScenarioRecord, number: number): Html {
  const found = findings(contents, scenario);
  const quiet = found.length === 0 && html`<p class="notice">No item of this scenario was done.</p>`;
  return html`<section class="scenario" id="scenario-${number}">
<p class="kicker">Scenario ${number}</p><h2>${scenario.title}</h2><p class="lead">${scenario.summary}</p>
<div class="setting">${victim(scenario)}${given(
    scenario,
    found.flatMap((finding) => finding.results.flatMap((result) => result.given)),
  )}${data(scenario)}</div>
${diagnosisSection(scenario)}
${evaluationSection(contents, scenario.id)}
${quiet}${found.map((finding) => attackSection(folder, finding))}
</section>`;
}

function victim({
  victim: { model, options, parameters, operator, loss, training, released },
  defences,
  batch,
  trials,
}: ScenarioRecord): Html {
  const settings = optionsLine(options);
  return html`<section><h3>The victim</h3><dl>
<div><dt>Model</dt><dd>${model}${settings !== "" && html` <span class="quiet">${settings}</span>`}</dd></div>
<div><dt>Parameters</dt><dd>${formatCount(parameters)}</dd></div>
<div><dt>Loss</dt><dd>${loss}</dd></div>
<div><dt>Weights</dt><dd>${released === undefined ? weights(training) : html`trained on the examples to the end <span class="quiet">${optionsLine(released)}</span>`}</dd></div>
<div><dt>What is shared</dt><dd>${released === undefined ? `${operator} of` : "weights trained on"} ${batch === 1 ? "1 example" : `${formatCount(batch)} examples`}, ${trials === 1 ? "once" : `${formatCount(trials)} times`}</dd></div>
<div><dt>Defences</dt><dd>${defences.length === 0 ? "none" : defences.map((defence) => html`<span class="line">${defence.name} <span class="quiet">${optionsLine(defence.options)}</span></span>`)}</dd></div>
</dl></section>`;
}

/** How far the weights are from those that the model starts with: drawn ones, or published ones that it brings. */
function weights(training: ScenarioRecord["victim"]["training"]): Html {
  if (training === undefined) return html`those that the model starts with`;
  const { steps, batch, rate } = training;
  const trained = `trained for ${steps === 1 ? "1 step" : `${formatCount(steps)} steps`}`;
  return html`${trained} <span class="quiet">Adam, batches of ${formatCount(batch)}, rate ${rate}</span>`;
}

function given(scenario: ScenarioRecord, used: readonly string[]): Html {
  const told = scenario.given.map((flag) => {
    const strong = strongFlags.includes(flag) ? "strong" : "";
    const sentence = flagSentence(flag);
    return html`<li class="${strong}">${sentence === undefined ? html`<code>${flag}</code>` : html`${sentence} <code>${flag}</code>`}</li>`;
  });
  const beyond = [...new Set(used)].filter((flag) => !scenario.given.includes(flag));
  const visible =
    beyond.length > 0 &&
    html`<p>Used besides, as the observation gives it away or a defence makes it public:</p><ul>${beyond.map((flag) => html`<li class="${strongFlags.includes(flag) ? "strong" : ""}">${flagSentence(flag) ?? ""} <code>${flag}</code></li>`)}</ul>`;
  const list = told.length === 0 ? html`<p>Nothing but the observation.</p>` : html`<ul>${told}</ul>`;
  return html`<section><h3>What the attacker was given</h3>${list}${visible}</section>`;
}

/** More than this many are folded. */
const shownSkipped = 8;

function skippedItems(skipped: ScenarioRecord["data"]["skipped"]): Html {
  const title = html`<b>${formatCount(skipped.length)} skipped</b>`;
  const list = html`<ul class="problems">${skipped.map(({ id, reason }) => html`<li><b>${id}</b> ${reason}</li>`)}</ul>`;
  return skipped.length > shownSkipped
    ? html`<details><summary>${title}</summary>${list}</details>`
    : html`<p>${title}</p>${list}`;
}

function data({ data: { name, options, card, skipped } }: ScenarioRecord): Html {
  const settings = optionsLine(options);
  return html`<section><h3>The data</h3><dl>
<div><dt>Set</dt><dd>${card.title}</dd></div>
<div><dt>Source</dt><dd>${card.source}</dd></div>
<div><dt>Licence</dt><dd>${card.licence}</dd></div>
${card.note !== undefined && html`<div><dt>Note</dt><dd>${card.note}</dd></div>`}
<div><dt>Loaded as</dt><dd>${name}${settings !== "" && html` <span class="quiet">${settings}</span>`}</dd></div>
</dl>${skipped.length > 0 && skippedItems(skipped)}</section>`;
}
