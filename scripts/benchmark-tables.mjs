import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Writes docs/benchmarks/vision.md from docs/benchmarks/vision.jsonl, the output of `npm run -s bench:vision -- --json`.
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
};

const decibels = (value) => (value === undefined || value === null || Number.isNaN(value) ? "–" : value.toFixed(1));

/** One row a case: scores of its items, failures included, beside the floor. */
export function visionTable(text) {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
  const summaries = lines.filter((line) => line.summary === true);
  const rows = summaries.map((summary) => {
    const items = lines.filter((line) => line.case === summary.case && line.summary !== true);
    const done = items.filter((line) => line.error === undefined);
    const psnr = summary.metric.psnr_db;
    const interval = psnr?.interval ? `${decibels(psnr.interval[0])} – ${decibels(psnr.interval[1])}` : "–";
    const certificates = [...new Set(done.map((line) => line.certificate))].join(", ");
    return [
      summary.case,
      items[0]?.attack ?? "–",
      `${done.length} of ${items.length}`,
      decibels(psnr?.median),
      decibels(psnr?.minimum),
      interval,
      decibels(median(done.map((line) => line.floor.psnr_db))),
      certificates,
      summary.metric.seconds.median.toFixed(2),
      Object.entries(items[0]?.target ?? {})
        .map(([name, bound]) => `${name} ${bound}`)
        .join(", ") || "–",
      summary.met === undefined ? "–" : `${Math.round(100 * summary.met)} %`,
    ];
  });
  const heading = [
    "case",
    "attack",
    "items",
    "PSNR dB, median",
    "least",
    "95 % of the mean",
    "floor",
    "certificate",
    "seconds",
    "target",
    "met",
  ];
  const cells = (row) => `| ${row.join(" | ")} |`;
  const versions = Object.entries(lines[0].versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    "# Attacks on image models",
    "",
    "One photograph a gradient, 32 × 32 × 3, float32, drawn by seed without selection; the attacker is told the model, the loss, the batch size and",
    "the defence, never the labels. The floor is a grey square. Rows with a slash are baselines without a target.",
    "",
    cells(heading),
    cells(heading.map(() => "---")),
    ...rows.map(cells),
    "",
    `Made by \`npm run -s bench:vision -- --json\` (${versions}) and \`node scripts/benchmark-tables.mjs\`; every item is in \`vision.jsonl\`.`,
    "",
  ].join("\n");
}

const folder = join(root, "docs", "benchmarks");
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(folder, "vision.md"), visionTable(readFileSync(join(folder, "vision.jsonl"), "utf8")));
}
