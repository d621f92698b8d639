import type { Check } from "@recon/core/options";

/** One property of a node: one column for each of its values, or a single column that is 1 where a flag is set. */
export interface FeatureGroup {
  readonly name: string;
  /** Names of the values, a column each; `["no", "yes"]` of a flag, in one column. */
  readonly values: readonly string[];
  readonly flag?: boolean;
}

/** What the columns of node features mean: one-hot groups and flags, in order. Plain JSON. */
export type FeatureTable = readonly FeatureGroup[];

/** A check of an option that is a table. */
export const featureTable: Check<FeatureTable> = {
  allowed: "a list of groups { name, values }, each with two values or more, flags with exactly two",
  is: (value): value is FeatureTable => Array.isArray(value) && value.length > 0 && value.every(isGroup),
};

function isGroup(value: unknown): value is FeatureGroup {
  if (typeof value !== "object" || value === null) return false;
  const { name, values, flag = false } = value as Partial<FeatureGroup>;
  if (typeof name !== "string" || typeof flag !== "boolean" || !Array.isArray(values)) return false;
  return values.every((entry) => typeof entry === "string") && (flag ? values.length === 2 : values.length > 0);
}

/** Columns of a group. */
export function widthOf({ values, flag }: FeatureGroup): number {
  return flag ? 1 : values.length;
}

/** Columns of all groups together, D. */
export function columnsOf(table: FeatureTable): number {
  return table.reduce((total, group) => total + widthOf(group), 0);
}

/** The columns [D] of a node with the given choice in every group. */
export function featureRow(table: FeatureTable, choices: readonly number[]): Float64Array {
  const row = new Float64Array(columnsOf(table));
  let start = 0;
  table.forEach((group, i) => {
    const choice = choices[i]!;
    if (group.flag) row[start] = choice;
    else row[start + choice] = 1;
    start += widthOf(group);
  });
  return row;
}

/** The choices nearest to a row of columns [D]: the largest entry of every group, the first of equals; of a flag, whether it is above ½. */
export function choicesOf(table: FeatureTable, row: ArrayLike<number>): number[] {
  let start = 0;
  return table.map((group) => {
    const width = widthOf(group);
    let best = 0;
    for (let i = 1; i < width; i++) if (row[start + i]! > row[start + best]!) best = i;
    const choice = group.flag ? Number(row[start]! > 0.5) : best;
    start += width;
    return choice;
  });
}
