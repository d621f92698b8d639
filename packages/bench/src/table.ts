import type { Target } from "./bench-case.ts";
import type { BenchLine, BenchSummary, Spread } from "./bench-line.ts";

const columns = [30, 7, 6, 22, 22, 10, 16, 6] as const;

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(columns[i] ?? 0))
    .join(" ")
    .trimEnd();

/** Three digits, in the shorter of the two notations. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return value === Number.POSITIVE_INFINITY ? "∞" : "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(size >= 100 ? 4 : 3))) : value.toExponential(1);
}

/** The heading of the table on a terminal. */
export function tableHeading(): string {
  return row(["case", "seed", "items", "median", "worst", "seconds", "certificate", "met"]);
}

/** One row for all items of a seed: the worst of them decides. */
export function seedRow(lines: readonly BenchLine[]): string {
  const [first] = lines;
  if (first === undefined) return "";
  const failed = lines.find((line) => line.error !== undefined);
  if (failed !== undefined) return `${first.case}  seed ${first.seed} failed: ${failed.error}`;
  const name = shownMetric(first.target, first.metric);
  const values = lines.map((line) => line.metric[name] ?? Number.NaN).sort((a, b) => a - b);
  const spread = { median: values[Math.floor((values.length - 1) / 2)]!, minimum: values[0]!, maximum: values.at(-1)! };
  return row([
    `${first.case} ${first.observation === "float64" ? "f64" : ""}`.trimEnd(),
    String(first.seed),
    String(lines.length),
    `${name} ${short(spread.median)}`,
    short(worstOf(spread, first.target[name], name)),
    short(first.seconds),
    [...new Set(lines.map((line) => line.certificate))].join(", "),
    first.met === undefined ? "" : lines.every((line) => line.met) ? "yes" : "no",
  ]);
}

/** The row of a whole case. */
export function summaryRow(summary: BenchSummary): string {
  const name = shownMetric(summary.target, summary.metric);
  const spread = summary.metric[name];
  const target = Object.entries(summary.target).map(([metric, bound]) => `${metric} ${bound}`);
  return row([
    `  ${summary.case}`,
    "all",
    String(summary.items),
    `${name} ${short(spread?.median ?? Number.NaN)}`,
    spread === undefined ? "" : short(worstOf(spread, summary.target[name], name)),
    short(summary.metric.seconds?.median ?? Number.NaN),
    summary.judged !== undefined
      ? `the ${summary.judged}`
      : summary.seeds_met === undefined
        ? ""
        : `${summary.seeds_met} of ${summary.seeds} seeds`,
    `${summary.case_met === undefined ? "" : summary.case_met ? "met" : "missed"}${target.length > 0 ? `   (${target.join(", ")})` : ""}`,
  ]);
}

/** What the table shows of a case: the metric that has a target, or the first. */
export function shownMetric(
  target: Readonly<Record<string, Target>>,
  metric: Readonly<Record<string, unknown>>,
): string {
  return Object.keys(target).find((name) => name !== "seconds") ?? Object.keys(metric)[0] ?? "seconds";
}

const higherIsBetter = new Set(["psnr_db", "psnr_gain_db", "ssim", "cosine", "exact", "hits", "coverage"]);

/** The end of the spread that a target is about; where there is none, the name says which is the worse. */
export function worstOf(
  { minimum, maximum }: Pick<Spread, "minimum" | "maximum">,
  target: Target | undefined,
  name: string,
): number {
  const higher = target?.startsWith(">=") ?? higherIsBetter.has(name);
  return higher ? minimum : maximum;
}
