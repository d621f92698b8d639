import type { ScenarioRecord } from "@recon/core";
import { countChart } from "./count-chart.ts";
import { type Html, html } from "./html.ts";
import { formatCount, formatNumber } from "./number-format.ts";
import { spectrumChart } from "./spectrum-chart.ts";
import { type Column, stackedTable } from "./stacked-table.ts";

type Diagnosis = NonNullable<ScenarioRecord["diagnosis"]>;

/** What could be known before attacking: the summary, the spectrum, the count and the ranks of each layer, and the exact solvers. Undefined where nothing was recorded. */
export function diagnosisSection({ diagnosis, noDiagnosis }: ScenarioRecord): Html | undefined {
  if (diagnosis === undefined) {
    if (noDiagnosis === undefined) return undefined;
    return html`<section class="diagnosis"><h3>What can be known before attacking</h3><p>It could not be looked at: ${noDiagnosis}</p></section>`;
  }
  const { count, jacobian, noJacobian, ranks, solvers, summary, determined, foreseen = [] } = diagnosis;
  // Of names from a list few numbers determine many, so the count says nothing of them.
  const counted = diagnosis.discrete !== true;
  const charts = [counted ? countChart(count) : undefined, jacobian && spectrumChart(jacobian, count.bound)].filter(
    (chart) => chart !== undefined,
  );
  return html`<section class="diagnosis"><h3>What can be known before attacking</h3>
<p class="lead">${summary}</p>
<p class="quiet">From the first trial's observation, without the originals. ${basis(diagnosis)}${noJacobian !== undefined && ` The Jacobian was not looked at: ${noJacobian}`}</p>
${foreseen.map(({ attack, what }) => html`<p><b>${attack}</b>: ${what}</p>`)}
${charts.length > 0 && html`<div class="charts">${charts}</div>`}
${determined === "no" && cutSentence(count)}
${ranks.length > 0 && rankTable(ranks)}
${counted && count.layers.length > 0 && countTable(count)}
${solvers.length > 0 && solverTable(solvers)}</section>`;
}

function basis({ batch: { size, source } }: Diagnosis): string {
  const words: Readonly<Record<Diagnosis["batch"]["source"], string>> = {
    told: `The attacker was told a batch size of ${formatCount(size)}.`,
    ranks: `The attacker was not told the batch size; the ranks show ${formatCount(size)}.`,
    assumed: "The attacker was not told the batch size and no rank shows it; one example is assumed.",
  };
  return words[source];
}

/** The tensors that everything passes, as the proof of the bound. */
function cutSentence({ cut, bound }: Diagnosis["count"]): Html {
  const parts = cut.map(({ what, entries }) => `${what} (${formatCount(entries)})`);
  return html`<p>The bound of ${formatCount(bound)}: all that the observation says of the inputs passes through ${parts.join(", ")}.</p>`;
}

function rankTable(ranks: Diagnosis["ranks"]): Html {
  const columns: readonly Column<Diagnosis["ranks"][number]>[] = [
    {
      title: "Linear layer",
      cell: ({ layer, shared }) =>
        html`${layer}${shared && html` <span class="quiet">applied at several positions or steps</span>`}`,
    },
    {
      title: "Gradient",
      cell: ({ rows, columns: wide, bias }) => `${formatCount(rows)} × ${formatCount(wide)}${bias ? "" : ", no bias"}`,
    },
    {
      title: "Rank",
      cell: ({ rank, bound, reason }) =>
        rank === undefined
          ? reason
          : html`<strong>${formatCount(rank)}</strong> <span class="quiet">could reach ${formatCount(bound)}</span>`,
    },
    { title: "Gap behind it", cell: ({ gap }) => (gap === undefined ? "none" : formatNumber(gap)) },
    { title: "Threshold", cell: ({ threshold }) => (threshold === undefined ? "none" : formatNumber(threshold)) },
  ];
  return stackedTable(
    "Numerical ranks of the weight and bias gradients together: a lower bound on the number of distinct examples.",
    columns,
    ranks,
  );
}

function countTable({ layers, unknowns, losesAt, bypassed }: Diagnosis["count"]): Html {
  const columns: readonly Column<Diagnosis["count"]["layers"][number]>[] = [
    {
      title: "Layer",
      cell: ({ layer }) =>
        html`${layer}${layer === losesAt && html` <span class="quiet">first to lose information, from the loss on</span>`}`,
    },
    { title: "Features that enter it", cell: ({ features }) => formatCount(features) },
    { title: "Of these, determined from behind at most", cell: ({ behindRank }) => formatCount(behindRank) },
    { title: "Entries of the other gradients", cell: ({ rest }) => formatCount(rest) },
    {
      title: "Count",
      cell: ({ count }) =>
        html`<strong>${formatCount(count)}</strong> <span class="quiet">${count < unknowns ? "below" : "for"} ${formatCount(unknowns)} unknowns</span>`,
    },
  ];
  const past = bypassed.length > 0 ? ` Not counted, since the data can pass them by: ${bypassed.join(", ")}.` : "";
  return stackedTable(
    `Every count is a proven upper bound on what the observation can say of the inputs; the data is not determined where one is below the number of unknowns.${past}`,
    columns,
    layers,
  );
}

function solverTable(solvers: Diagnosis["solvers"]): Html {
  const columns: readonly Column<Diagnosis["solvers"][number]>[] = [
    { title: "Exact solver", cell: ({ solver, cite }) => html`${solver} <span class="quiet">${cite}</span>` },
    { title: "Applies", cell: ({ applies }) => (applies ? html`<strong>yes</strong>` : "no") },
    { title: "Why not", cell: ({ reason }) => reason ?? "" },
    {
      title: "It would apply",
      cell: ({ applies, would }) => (applies ? "" : (would ?? "under none of the changes tried")),
    },
  ];
  return stackedTable("Solvers that need no search, and what they lack.", columns, solvers);
}
