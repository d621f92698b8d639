import {
  type DefenceCell,
  type EvaluationRecord,
  type Interval,
  type RunContents,
  strongestAdaptive,
} from "@recon/core";
import { evaluationChart, obliviousScore } from "./evaluation-chart.ts";
import { type Html, html } from "./html.ts";
import { formatCount, formatNumber } from "./number-format.ts";
import { type Column, stackedTable } from "./stacked-table.ts";

const mostPairs = 6;

/** The defences of a scenario compared at equal utility. Undefined where its file did not ask for it. */
export function evaluationSection({ evaluations }: RunContents, scenario: string): Html | undefined {
  const record = evaluations.find((one) => one.scenario === scenario);
  if (record === undefined) return undefined;
  const { training, levels, complete } = record;
  const charts = levels.map((level) => evaluationChart(record, level)).filter((chart) => chart !== undefined);
  return html`<section class="evaluation"><h3>Defences at equal utility</h3>
<p class="lead">${conclusion(record)}</p>
<p class="quiet">Accuracy without a defence: ${formatNumber(training.accuracy)} %, after ${formatCount(training.steps)} steps on batches of ${formatCount(training.batch)}, mean of ${formatCount(training.seeds)} runs, at the best of ${formatCount(training.rates.length)} step sizes for each defence. All attacks saw the same victims.</p>
${!complete && html`<p class="notice">The comparison was not finished; what is missing was not run.</p>`}
${charts.length > 0 && html`<div class="charts">${charts}</div>`}
${levels.map((level) => levelTable(record, level))}
${curveTable(record)}
${record.pairs.length > 0 && pairTable(record)}
${assumptionList(record)}</section>`;
}

/** Which defence leaves most at the first level, and what being told of it changes. */
function conclusion({ cells, levels, metric }: EvaluationRecord): string {
  const sentences = levels.flatMap((level) => {
    const measured = cells
      .filter((cell) => cell.level === level && strongestAdaptive(cell)?.score !== undefined)
      .map((cell) => ({ cell, mean: strongestAdaptive(cell)!.score!.mean }))
      .sort((a, b) => (metric.better === "lower" ? b.mean - a.mean : a.mean - b.mean));
    const [best] = measured;
    if (best === undefined) return [];
    const untold = obliviousScore(best.cell)?.mean;
    const beside = untold === undefined ? "" : `, ${formatNumber(untold)} of one that is not told of it`;
    return [
      `At ${formatNumber(level)} points of accuracy ${best.cell.defence} protects best: ${metric.name} ${formatNumber(best.mean)} is left by the strongest attack${beside}.`,
    ];
  });
  return sentences.length === 0 ? "No defence could be compared." : sentences.join(" ");
}

function levelTable(record: EvaluationRecord, level: number): Html {
  const parameter = (cell: DefenceCell): string =>
    record.curves.find((curve) => curve.defence === cell.defence)?.parameter ?? "strength";
  const columns: readonly Column<DefenceCell>[] = [
    { title: "Defence", cell: ({ defence }) => defence },
    {
      title: "Setting",
      cell: (cell) =>
        html`${cell.strength === undefined ? "none" : `${parameter(cell)} ${formatNumber(cell.strength)}`}${cell.note !== undefined && html` <span class="quiet">${cell.note}</span>`}`,
    },
    { title: "Attacker told of it", cell: (cell) => scored(strongestAdaptive(cell)?.score, cell.strongest.adaptive) },
    { title: "Attacker not told", cell: (cell) => scored(obliviousScore(cell), cell.strongest.oblivious) },
    {
      title: "No attacker below",
      cell: ({ bound, missing }) =>
        bound === undefined ? html`<span class="quiet">${missing.bound ?? ""}</span>` : formatNumber(bound.value),
    },
    { title: "Blind guess", cell: ({ floor }) => (floor === undefined ? "" : formatNumber(floor.mean)) },
    {
      title: "ε",
      cell: ({ privacy, missing }) =>
        privacy === undefined
          ? html`<span class="quiet">${missing.privacy ?? ""}</span>`
          : html`<strong>${formatNumber(privacy.epsilon)}</strong> <span class="quiet">δ ${formatNumber(privacy.delta)}</span>`,
    },
  ];
  const { name, better } = record.metric;
  return stackedTable(
    `At ${formatNumber(level)} points of accuracy: ${name} that the strongest attack leaves, ${better === "lower" ? "more" : "less"} is better protected.`,
    columns,
    record.cells.filter((cell) => cell.level === level),
  );
}

function scored(score: Interval | undefined, attack: string | undefined): Html {
  if (score === undefined) return html`<span class="quiet">no attack ran</span>`;
  const { bounds, mean } = score;
  const spread = bounds === null ? "one trial" : `${formatNumber(bounds[0])} to ${formatNumber(bounds[1])}`;
  return html`<strong>${formatNumber(mean)}</strong> <span class="quiet">${attack ?? ""}, ${spread}</span>`;
}

function curveTable({ curves }: EvaluationRecord): Html {
  const columns: readonly Column<EvaluationRecord["curves"][number]>[] = [
    { title: "Defence", cell: ({ defence, parameter }) => html`${defence} <span class="quiet">${parameter}</span>` },
    {
      title: "Points of accuracy lost",
      cell: ({ points }) =>
        points.map(({ strength, loss }) => `${formatNumber(strength)}: ${formatNumber(loss, 2)}`).join(" · "),
    },
  ];
  return stackedTable(
    "What each strength costs, from weak to strong, smoothed so that more never costs less.",
    columns,
    curves,
  );
}

function pairTable({ pairs, metric }: EvaluationRecord): Html {
  const clear = pairs.filter(({ difference: { bounds } }) => bounds !== null && bounds[0] * bounds[1] > 0);
  const shown = [...clear]
    .sort((a, b) => Math.abs(b.difference.mean) - Math.abs(a.difference.mean))
    .slice(0, mostPairs);
  const columns: readonly Column<EvaluationRecord["pairs"][number]>[] = [
    { title: "Protects better", cell: ({ stronger }) => stronger },
    { title: "than", cell: ({ weaker }) => weaker },
    { title: "at", cell: ({ level }) => `${formatNumber(level)} points` },
    {
      title: `Difference in ${metric.name}`,
      cell: ({ difference: { mean, bounds } }) =>
        html`<strong>${formatNumber(mean)}</strong> <span class="quiet">${formatNumber(bounds![0])} to ${formatNumber(bounds![1])}</span>`,
    },
  ];
  return stackedTable(
    `${formatCount(clear.length)} of ${formatCount(pairs.length)} pairs differ beyond chance (95 % bootstrap interval over the same victims)${shown.length < clear.length ? `; the ${formatCount(shown.length)} largest` : ""}.`,
    columns,
    shown,
  );
}

/** What bounds and guarantees rest on, each sentence once. */
function assumptionList({ cells }: EvaluationRecord): Html | undefined {
  const sentences = (of: (cell: DefenceCell) => readonly string[]): readonly string[] => [
    ...new Set(cells.flatMap(of)),
  ];
  const bounds = sentences((cell) => cell.bound?.assumptions ?? []);
  const privacy = sentences((cell) => cell.privacy?.assumptions ?? []);
  if (bounds.length + privacy.length === 0) return undefined;
  const list = (title: string, items: readonly string[]): Html | false =>
    items.length > 0 &&
    html`<p><b>${title}</b></p><ul class="problems">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  return html`<details><summary>What bounds and ε rest on</summary>${list("The bound", bounds)}${list("ε", privacy)}</details>`;
}
