import type { RunRecord } from "@recon/core";
import { type Html, html } from "./html.ts";

/** How to repeat the run: audit descriptions, commands, seed and versions; and what the words mean. */
export function footerSection(run: RunRecord): Html {
  return html`<footer><section><h2>How to repeat this run</h2>
<p>Save a description under the name given, then run its command. JSON is valid YAML. Equal seed, equal results, apart from times.</p>
${run.scenarios.map((scenario, index) => {
  const file = `scenario-${index + 1}.yaml`;
  return html`<h3>${scenario.title}</h3><pre><code>npx --no-install recon audit ${file} --seed ${run.seed}</code></pre><details><summary>${file}</summary><pre><code>${JSON.stringify(scenario.audit, null, 2)}</code></pre></details>`;
})}
<dl class="numbers"><div><dt>Seed</dt><dd>${run.seed}</dd></div><div><dt>Started</dt><dd><time datetime="${run.created}">${run.created}</time></dd></div>
${run.finished !== undefined && html`<div><dt>Ended</dt><dd><time datetime="${run.finished}">${run.finished}</time></dd></div>`}
${Object.entries(run.versions).map(([name, version]) => html`<div><dt>${name}</dt><dd>${version}</dd></div>`)}</dl></section>
<section><h2>Words used here</h2><dl class="glossary">
<div><dt>Observation</dt><dd>What training reveals to others, such as a gradient, after the defences.</dd></div>
<div><dt>Floor</dt><dd>The score of the best guess that ignores the observation. Only what exceeds it came out of the observation.</dd></div>
<div><dt>Residual</dt><dd>How far the observation that the reconstruction would cause is from the real one, as a share of it.</dd></div>
<div><dt>Certificate</dt><dd>What can be checked without the originals: <i>consistent</i> (explains the whole observation), <i>locally-unique</i> (and no other answer nearby does), <i>exact</i> (and an algebraic identity leaves no other answer).</dd></div>
<div><dt>Verdict</dt><dd>Decided without the originals. <i>Recovered</i>: every example is certified as exact or locally unique. <i>Partial</i>: consistent, certified in part, or explained as well as data can that obey the observation only approximately. <i>Not identifiable</i>: the observation does not determine the data. <i>Budget spent</i>: the search ended with none of these.</dd></div>
</dl></section></footer>`;
}
