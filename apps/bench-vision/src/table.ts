import type { BenchLine, BenchSummary } from "./bench-line.ts";

const columns = [32, 8, 28, 12, 12, 10, 8];

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(columns[i]!))
    .join(" ")
    .trimEnd();

/** The heading of the table on a terminal. */
export function tableHeading(): string {
  return row(["case", "seed", "item", "PSNR dB", "floor dB", "seconds", "met"]);
}

/** A line of the table. */
export function tableLine(line: BenchLine | BenchSummary): string {
  const decibels = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(1));
  if ("summary" in line) {
    const share = line.met === undefined ? "" : `${Math.round(100 * line.met)} %`;
    const { psnr_db: psnr, seconds } = line.metric;
    return row([`  ${line.case}`, "median", "", decibels(psnr?.median), "", seconds?.median.toFixed(2) ?? "", share]);
  }
  if (line.error !== undefined) return `${line.case}  failed: ${line.error}`;
  const met = line.met === undefined ? "" : line.met ? "yes" : "no";
  return row([
    line.case,
    String(line.seed),
    line.item,
    decibels(line.metric.psnr_db),
    decibels(line.floor.psnr_db),
    line.seconds.toFixed(2),
    met,
  ]);
}
