import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Writes the tables of docs/benchmarks from the JSON lines beside them, the output of `npm run -s bench:vision -- --json` and of `bench:core`.
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

const short = (value) => {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
};

/** One row a case: the metric that has a target, or the first; the worst item; the seeds of which every item met the targets. */
export function summaryTable(text, heading) {
  const summaries = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line))
    .filter((line) => line.summary === true);
  const rows = summaries.map((summary) => {
    const targets = Object.entries(summary.target);
    const name =
      targets.map(([metric]) => metric).find((metric) => metric !== "seconds") ?? Object.keys(summary.metric)[0];
    const spread = summary.metric[name] ?? {};
    const higher = summary.target[name]?.startsWith(">=") ?? name.startsWith("psnr");
    return [
      summary.case,
      summary.observation,
      `${summary.items} of ${summary.seeds} seeds`,
      name,
      short(spread.median),
      short(higher ? spread.minimum : spread.maximum),
      short(summary.metric.seconds?.median),
      short(summary.metric.seconds?.maximum),
      targets.map(([metric, bound]) => `${metric} ${bound}`).join(", ") || "–",
      summary.seeds_met === undefined ? "–" : `${summary.seeds_met} of ${summary.seeds}`,
      summary.case_met === undefined ? "–" : summary.case_met ? "met" : "missed",
    ];
  });
  const titles = [
    "case",
    "observation",
    "items",
    "metric",
    "median",
    "worst",
    "seconds",
    "longest",
    "target",
    "seeds met",
    "case",
  ];
  const cells = (row) => `| ${row.join(" | ")} |`;
  const versions = Object.entries(summaries[0]?.versions ?? {})
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    heading,
    "",
    cells(titles),
    cells(titles.map(() => "---")),
    ...rows.map(cells),
    "",
    `Versions: ${versions}.`,
    "",
  ].join("\n");
}

export const exactHeading = [
  "# Exact recovery",
  "",
  "Every case takes the way that users take: a victim is drawn from the seed, its gradient observed, attacked without the truth, and judged. Errors are those of",
  "the worst item, modulo the order of the batch and what the observation leaves open. Seconds are wall time of the attack, compilation included. Rows with a",
  "slash are baselines or further tries and have no target.",
  "",
  "Made by one call of `npm run -s bench:core -- --suite exact --json` (11.3 minutes on two cores), of which the summary lines are kept in `exact.jsonl`, and",
  "`node scripts/benchmark-tables.mjs`. Type checks and some tests ran beside a few of the cases.",
  "",
  "`recursion-lenet` from float32 misses its time for three of eight photographs: their layers amplify the rounding of the gradient past 2e-5 of the input, so that",
  "the input is fitted to all gradients at once at the end, which takes 4 to 6 seconds (half of it the products of the information matrix, a fifth its factor, a quarter",
  "conjugate gradients). Of 24 further draws (seeds 101 to 124) three asked for it; without it they take 1.6 s and reach 99.1, 101.5 and 104.5 dB, the others 102.8 or more.",
].join("\n");

const folder = join(root, "docs", "benchmarks");
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(folder, "vision.md"), visionTable(readFileSync(join(folder, "vision.jsonl"), "utf8")));
  writeFileSync(
    join(folder, "exact.md"),
    summaryTable(readFileSync(join(folder, "exact.jsonl"), "utf8"), exactHeading),
  );
}
