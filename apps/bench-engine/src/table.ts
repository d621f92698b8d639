import type { Case } from "./cases.ts";
import type { Measurement } from "./measure.ts";

const columns = ["case", "ms", "× matmul", "GFLOP", "of peak", "nodes", "compile s", "target ms", ""] as const;
const widths = [10, 9, 9, 8, 8, 11, 10, 10, 0];

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    .join("  ")
    .trimEnd();

/** The heading of the table that people read. */
export function tableHeading(): string {
  return line(columns);
}

/** One case on one seed as a line of that table. */
export function tableLine(benchmark: Case, m: Measurement): string {
  return line([
    benchmark.name,
    m.ms.toFixed(m.ms < 10 ? 2 : 1),
    m.matmulRatio.toFixed(3),
    m.gflop.toFixed(3),
    `${(100 * m.peakShare).toFixed(0)} %`,
    `${m.nodesBefore} → ${m.nodesAfter}`,
    m.compileSeconds.toFixed(2),
    `≤ ${benchmark.target}`,
    m.ms <= benchmark.target ? "met" : "missed",
  ]);
}
