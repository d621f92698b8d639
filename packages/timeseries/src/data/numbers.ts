/** The mark before a number's fraction. */
export type Decimal = "." | ",";

/** What stands for a value that is not there. */
const missing = new Set(["", "-", "--", "?", ".", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing"]);

/** Digits, perhaps in groups of three, and a fraction, for either mark. */
const patterns: Readonly<Record<Decimal, RegExp>> = {
  ".": /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(e[+-]?\d+)?$/i,
  ",": /^[+-]?(\d+|\d{1,3}(\.\d{3})+)?(,\d*)?(e[+-]?\d+)?$/i,
};

/** Whether a cell says that there is no value. */
export function isMissing(cell: string): boolean {
  return missing.has(cell.toLowerCase());
}

/** The number that a cell says, with spaces or apostrophes between groups of digits; NaN for one that says none. */
export function numberOf(cell: string, decimal: Decimal): number {
  const bare = cell.replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3})/g, "").replace("\u2212", "-");
  if (!/\d/.test(bare) || !patterns[decimal].test(bare)) return Number.NaN;
  const grouped = bare.replaceAll(decimal === "." ? "," : ".", "");
  const value = Number(grouped.replace(",", "."));
  return Number.isFinite(value) ? value : Number.NaN;
}

/**
 * The decimal mark of a table: the one by which more of its cells are numbers.
 *
 * Where all are numbers by both, as 1,234 is, a table that has commas between its cells has decimal points, and another with commas in its cells has decimal
 * commas.
 */
export function decimalOf(cells: Iterable<string>, delimiter: string): Decimal {
  let [points, commas, holdsComma] = [0, 0, false];
  for (const cell of cells) {
    const [byPoint, byComma] = [numberOf(cell, "."), numberOf(cell, ",")].map(Number.isFinite);
    if (byPoint && !byComma) points++;
    if (byComma && !byPoint) commas++;
    holdsComma ||= byComma === true && cell.includes(",");
  }
  if (points !== commas) return points > commas ? "." : ",";
  return holdsComma && delimiter !== "," ? "," : ".";
}
