import {
  type DefenceCell,
  type EvaluationRecord,
  type Interval,
  type RunContents,
  strongestAdaptive,
} from "@recon/core";
import { cellsAtLevel, evaluationChart, obliviousScore } from "./evaluation-chart.ts";
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
${privateTable(record)}
${curveTable(record)}
${record.pairs.length > 0 && pairTable(record)}
${assumptionList(record)}</section>`;
}

/** Which defence leaves most at each level, what being told of it changes, and where a blind guess would have done as well. */
function conclusion(record: EvaluationRecord): string {
  const { levels, metric } = record;
  const worse = (a: number, b: number): boolean => (metric.better === "lower" ? a >= b : a <= b);
  const sentences = levels.flatMap((level) => {
    const measured = cellsAtLevel(record, level)
      .filter((cell) => strongestAdaptive(cell)?.score !== undefined)
      .map((cell) => ({ cell, mean: strongestAdaptive(cell)!.score!.mean }))
      .sort((a, b) => (metric.better === "lower" ? b.mean - a.mean : a.mean - b.mean));
    const [best] = measured;
    if (best === undefined) return [];
    const points = `At ${formatNumber(level)} points of accuracy`;
    const blind = measured.filter(({ cell, mean }) => cell.floor !== undefined && worse(mean, cell.floor.mean));
    if (blind.length > 0) {
      const names = blind.map(({ cell }) => cell.defence).join(" and ");
      return [`${points} no attack told of it does better than a blind guess against ${names}.`];
    }
    const untold = obliviousScore(best.cell)?.mean;
    const beside = untold === undefined ? "" : `, ${formatNumber(untold)} by the strongest that is not told`;
    return [
      `${points} ${best.cell.defence} protects best: ${metric.name} ${formatNumber(best.mean)} is left by the strongest attack told of it${beside}.`,
    ];
  });
  return sentences.length === 0 ? "No defence could be compared." : sentences.join(" ");
}

const outcomeColumns: readonly Column<DefenceCell>[] = [
  { title: "Attacker told of it", cell: (cell) => scored(strongestAdaptive(cell)?.score, cell.strongest.adaptive) },
  { title: "Attacker not told", cell: (cell) => scored(obliviousScore(cell), cell.strongest.oblivious) },
  {
    // A bound on the mean over normal data: natural data have more structure, and an attack that knows it can be below.
    title: "Bound on normal data",
    cell: (cell) => {
      if (cell.bound === undefined) return html`<span class="quiet">not proven</span>`;
      const lowest = Math.min(
        ...[strongestAdaptive(cell)?.score, obliviousScore(cell)].map((score) => score?.mean ?? Infinity),
      );
      if (!(lowest < cell.bound.value)) return formatNumber(cell.bound.value);
      return html`${formatNumber(cell.bound.value)}<br><span class="quiet">an attack that knows the structure of this data is below it</span>`;
    },
  },
  { title: "Blind guess", cell: ({ floor }) => (floor === undefined ? "" : formatNumber(floor.mean)) },
];

/** What differential privacy costs and leaves at each ε that was asked for. */
function privateTable(record: EvaluationRecord): Html | undefined {
  const cells = record.cells.filter((cell) => cell.epsilon !== undefined);
  if (cells.length === 0) return undefined;
  const columns: readonly Column<DefenceCell>[] = [
    {
      title: "ε",
      cell: ({ epsilon, defence, privacy }) =>
        html`${formatNumber(epsilon!)} <span class="quiet">${defence}${privacy && `, δ ${formatNumber(privacy.delta)}`}</span>`,
    },
    { title: "Noise multiplier", cell: ({ strength }) => (strength === undefined ? "" : formatNumber(strength)) },
    { title: "Points of accuracy lost", cell: ({ level }) => html`<strong>${formatNumber(level)}</strong>` },
    ...outcomeColumns,
  ];
  return stackedTable(
    `With differential privacy: what each ε costs in accuracy and leaves to the strongest attack (${record.metric.name}).`,
    columns,
    [...cells].sort((a, b) => a.epsilon! - b.epsilon!),
  );
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
    ...outcomeColumns,
    {
      title: "ε",
      cell: ({ privacy }) =>
        privacy === undefined
          ? html`<span class="quiet">none</span>`
          : html`<strong>${formatNumber(privacy.epsilon)}</strong> <span class="quiet">δ ${formatNumber(privacy.delta)}</span>`,
    },
  ];
  const { name, better } = record.metric;
  return stackedTable(
    `At ${formatNumber(level)} points of accuracy: ${name} that the strongest attack leaves, ${better === "lower" ? "more" : "less"} is better protected.`,
    columns,
    cellsAtLevel(record, level),
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

/** What bounds and guarantees rest on, and why others have none: each sentence once. */
function assumptionList({ cells }: EvaluationRecord): Html | undefined {
  const sentences = (of: (cell: DefenceCell) => readonly string[]): readonly string[] => [
    ...new Set(cells.flatMap(of)),
  ];
  const missing = (of: (cell: DefenceCell) => string | undefined): readonly string[] =>
    sentences((cell) => {
      const reason = of(cell);
      return reason === undefined ? [] : [`${cell.defence}: ${reason}`];
    });
  const failures = sentences(({ defence, outcomes }) =>
    outcomes.flatMap(({ reason, failures: count, trials }) =>
      reason !== undefined && count === trials.length ? [`${defence}: ${reason}`] : [],
    ),
  );
  const lists = [
    ["The bound", sentences((cell) => cell.bound?.assumptions ?? [])],
    ["Why there is no bound", missing((cell) => cell.missing.bound)],
    ["ε", sentences((cell) => cell.privacy?.assumptions ?? [])],
    ["Why there is no ε", missing((cell) => cell.missing.privacy)],
    ["Attacks that did not apply", failures],
  ] as const;
  if (lists.every(([, items]) => items.length === 0)) return undefined;
  return html`<details><summary>What bounds and ε rest on, and why some are missing</summary>${lists.map(
    ([title, items]) =>
      items.length > 0 &&
      html`<p><b>${title}</b></p><ul class="problems">${items.map((item) => html`<li>${item}</li>`)}</ul>`,
  )}</details>`;
}
