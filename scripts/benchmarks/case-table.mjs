/**
 * One row a case: its metrics with a target (or the first), the worst item, the floor, and whether the target was met.
 *
 * @param {object[]} records of `caseRecords`
 * @returns {string} a table in Markdown and the versions that it was made with
 */
export function caseTable(records) {
  const rows = [titles, titles.map(() => "---"), ...records.map(row)];
  return [...rows.map((cells) => `| ${cells.join(" | ")} |`), "", madeWith(records)].join("\n");
}

const titles = [
  "case",
  "suite",
  "attack",
  "gradient",
  "items",
  "metric",
  "median",
  "worst",
  "floor",
  "certificates",
  "seconds, median (longest)",
  "target",
  "seeds met",
  "case",
];

function row(record) {
  const targets = Object.entries(record.target);
  const metrics = metricsOf(record);
  const each = (value) => metrics.map(value).join("; ");
  return [
    record.case,
    record.suite,
    record.attack || "–",
    record.observation || "–",
    record.failed ? `${record.items}, of which ${record.failed} failed` : String(record.items),
    metrics.join("; "),
    each((name) => short(record.metric[name]?.median)),
    each((name) => short(worst(record, name))),
    each((name) => short(record.floor?.[name])),
    Object.entries(record.certificates ?? {})
      .map(([level, count]) => `${count} ${level}`)
      .join(", ") || "–",
    `${short(record.metric.seconds?.median)} (${short(record.metric.seconds?.maximum)})`,
    targets.map(([metric, bound]) => `${metric} ${bound}`).join(", ") || "–",
    record.seeds_met === undefined ? "–" : `${record.seeds_met} of ${record.seeds}`,
    record.case_met === undefined ? "–" : record.case_met ? "met" : "missed",
  ];
}

/** What has a target, without the time; else what comes first and is no setting. */
function metricsOf({ target, metric }) {
  const names = Object.keys(target).filter((name) => name !== "seconds");
  const measured = Object.keys(metric).filter((name) => name !== "rel_noise");
  return names.length > 0 ? names : measured.slice(0, 1);
}

const higherIsBetter = /^(psnr|ssim|cosine|exact|rouge|token_accuracy|hits$|coverage|auc|ap$|gsm|node_f1|edge_f1)/;

function worst({ metric, target }, name) {
  const higher = target[name]?.startsWith(">=") ?? higherIsBetter.test(name);
  return higher ? metric[name]?.minimum : metric[name]?.maximum;
}

export function short(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

function madeWith(records) {
  const texts = records.map(({ versions, date, machine, commit }) => {
    const packages = Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
    return [packages, machine, commit && `commit ${commit}`, date].filter(Boolean).join(", ");
  });
  return `Made with: ${[...new Set(texts)].join("; ")}.`;
}
