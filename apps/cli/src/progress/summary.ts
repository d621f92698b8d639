import type { FailureRecord, ResultRecord, ScenarioRecord } from "@recon/core";
import { shortNumber } from "./result-words.ts";

/** What one attack came to in one scenario. */
export interface AttackSummary {
  readonly case: string;
  readonly attack: string;
  readonly items: number;
  readonly failures: number;
  /** Who scores the floor, such as `blind guess`; absent where that differs from item to item. */
  readonly floorName?: string;
  /** Median and worst over the items, and the median of the floor. */
  readonly metric: Readonly<
    Record<string, { readonly median: number; readonly worst: number; readonly floor: number }>
  >;
  readonly certificates: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Sums up a run, one entry a scenario and attack, in the order in which they came. */
export function summarise(
  scenarios: readonly ScenarioRecord[],
  results: readonly Omit<ResultRecord, "pictures">[],
  failures: readonly FailureRecord[],
): readonly AttackSummary[] {
  return scenarios.flatMap((scenario) => {
    const own = results.filter((result) => result.scenario === scenario.id);
    const lost = failures.filter((failure) => failure.scenario === scenario.id);
    const attacks = [...new Set([...own, ...lost].map((record) => record.attack))];
    return attacks.map((attack) => {
      const items = own.filter((result) => result.attack === attack);
      const floorName = sharedFloorName(items);
      return {
        case: scenario.id,
        attack,
        items: items.length,
        failures: lost.filter((failure) => failure.attack === attack).length,
        ...(floorName !== undefined && { floorName }),
        metric: Object.fromEntries(
          scenario.metrics.map(({ name, better }) => [name, spread(items, name, better)] as const),
        ),
        certificates: counts(items.map((item) => item.certificate)),
        verdicts: counts(items.map((item) => item.verdict)),
        seconds: median(items.map((item) => item.seconds)),
      };
    });
  });
}

/** Who scores the floor of all these items, or undefined where they differ. */
function sharedFloorName(items: readonly Pick<ResultRecord, "floorName">[]): string | undefined {
  const [first, ...others] = new Set(items.map(({ floorName }) => floorName ?? "blind guess"));
  return others.length === 0 ? first : undefined;
}

function spread(items: readonly Pick<ResultRecord, "metric" | "floor">[], name: string, better: "higher" | "lower") {
  const values = items.map((item) => item.metric[name]).filter((value) => value !== undefined);
  const worst = values.length === 0 ? Number.NaN : better === "higher" ? Math.min(...values) : Math.max(...values);
  const floors = items.map((item) => item.floor[name]).filter((value) => value !== undefined);
  return { median: median(values), worst, floor: median(floors) };
}

function counts(words: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const word of words) found[word] = (found[word] ?? 0) + 1;
  return found;
}

/** The middle value; the mean of the two middle ones of an even number; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The summary as an aligned table for people. */
export function summaryTable(
  summaries: readonly AttackSummary[],
  scenarios: readonly ScenarioRecord[],
): readonly string[] {
  const floors = new Set(summaries.filter(({ items }) => items > 0).map(({ floorName }) => floorName));
  const [floor] = floors;
  // One name for all stands above the column; several stand with their numbers.
  const above = floors.size === 1 ? (floor ?? "floor") : "floor";
  const rows = summaries.map((summary) => {
    const metric = scenarios.find((scenario) => scenario.id === summary.case)?.metrics[0];
    const values = metric === undefined ? undefined : summary.metric[metric.name];
    const unit = metric === undefined || metric.unit === "" ? "" : ` ${metric.unit}`;
    const number = (value: number | undefined): string =>
      value === undefined || Number.isNaN(value) ? "-" : `${shortNumber(value)}${unit}`;
    return [
      summary.case,
      summary.attack,
      String(summary.items),
      metric?.name ?? "-",
      number(values?.median),
      number(values?.worst),
      `${number(values?.floor)}${floors.size > 1 && summary.floorName !== undefined ? ` (${summary.floorName})` : ""}`,
      countWords(summary.certificates),
      countWords(summary.verdicts),
      Number.isNaN(summary.seconds) ? "-" : `${shortNumber(summary.seconds)} s`,
    ];
  });
  const head = ["scenario", "attack", "items", "metric", "median", "worst", above, "certificate", "verdict", "time"];
  return aligned([head, ...rows]);
}

function countWords(found: Readonly<Record<string, number>>): string {
  const entries = Object.entries(found);
  return entries.length === 0 ? "-" : entries.map(([word, count]) => `${word} ${count}`).join(", ");
}

/** Rows of cells as lines with columns under each other. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
