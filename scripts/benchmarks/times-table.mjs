import { short } from "./case-table.mjs";

/**
 * Times of compiled programs beside those of a matrix product in the same run.
 *
 * @param {object[]} lines item and summary lines of `bench:engine`
 * @returns {string} a table in Markdown and the versions that it was made with
 */
export function timesTable(lines) {
  const titles = [
    "case",
    "target ms",
    "ms",
    "× matmul",
    "wanted × matmul",
    "product ms",
    "GFLOP",
    "of peak",
    "nodes",
    "PyTorch 1.13 eager ms",
  ];
  const items = lines.filter(({ summary, metric }) => !summary && metric?.ms !== undefined);
  const reference = (name) => lines.find((line) => line.summary && line.case === name)?.reference?.ms;
  const rows = items.map(({ case: name, metric, target }) => {
    const { ms, matmul_ratio: ratio, gflop, peak_share: peak, nodes_before: before, nodes_after: after } = metric;
    const wanted = Number(/[\d.]+$/.exec(target?.ms ?? "")?.[0] ?? Number.NaN);
    const other = reference(name);
    return [
      ...[name, short(wanted), short(ms), short(ratio), short(wanted / quietProduct), short(ms / ratio)],
      ...[short(gflop), `${Math.round(100 * peak)} %`, before === undefined ? "–" : `${before} → ${after}`],
      other === undefined ? "–" : `${short(other)} (${short(Number((other / ms).toPrecision(2)))}×)`,
    ];
  });
  const versions = Object.entries(items[0].versions).map(([name, version]) => `${name} ${version}`);
  const table = [titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  return [...table, "", `Made with: ${versions.join(", ")}.`].join("\n");
}

/** Milliseconds of the product when nothing else runs, which targets in milliseconds are meant with. */
const quietProduct = 12.5;
