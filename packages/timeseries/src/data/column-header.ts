/** What a column measures and in which unit, as its header says. */
export interface ColumnHeader {
  readonly name: string;
  /** Empty where the header names none. */
  readonly unit: string;
}

/** Splits a header such as `load [kW]` or `load (kW)` into name and unit. */
export function columnHeader(header: string): ColumnHeader {
  const found = /^(.*\S)\s*(?:\[([^\]]*)\]|\(([^)]*)\))\s*$/.exec(header.trim());
  if (found === null) return { name: header.trim(), unit: "" };
  return { name: found[1]!, unit: (found[2] ?? found[3] ?? "").trim() };
}
