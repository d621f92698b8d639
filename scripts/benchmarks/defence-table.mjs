import { short } from "./case-table.mjs";

/** Levels that a page shows: loss of accuracy in points, and budgets of differential privacy. */
const shown = /^(1|5) points$|^epsilon /;

/**
 * What the strongest attack leaves behind every defence of a net, told of it and not.
 *
 * @param {object[]} lines item lines of the case `defence-table`, each with an item such as "lenet: dropout at 1 points, not told"
 * @param {string} net
 * @returns {string} a table in Markdown
 */
export function defenceTable(lines, net) {
  const rows = new Map();
  for (const { item, metric } of lines) {
    const [, of, defence, level, side] = /^(.+?): (.+) at (.+), (told|not told)$/.exec(item) ?? [];
    if (of !== net || !shown.test(level)) continue;
    const key = `${defence} ${level}`;
    rows.set(key, { ...rows.get(key), defence, level, [side]: metric });
  }
  if (rows.size === 0) throw new RangeError(`There are no lines of the net ${net}.`);
  const titles = ["defence", "at", "told", "not told", "bound", "ε", "points lost"];
  const cells = [...rows.values()].map(({ defence, level, told, "not told": untold }) => {
    const { bound, epsilon, utility_loss: lost } = told ?? untold;
    // Division leaves only rounding.
    const left = (metric) => (metric?.mse < 1e-9 ? "0" : short(metric?.mse));
    return [
      defence,
      level,
      left(told),
      left(untold),
      short(bound),
      epsilon ? String(Math.round(epsilon)) : "–",
      short(lost),
    ];
  });
  return [titles, titles.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
