/** A run of missing values: its first step and its length. */
export interface Gap {
  readonly start: number;
  readonly length: number;
}

/** The runs of NaN in a column. */
export function gapsOf(values: Float64Array): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let start = 0; start < values.length; start++) {
    if (!Number.isNaN(values[start]!)) continue;
    let end = start;
    while (end < values.length && Number.isNaN(values[end]!)) end++;
    gaps.push({ start, length: end - start });
    start = end;
  }
  return gaps;
}

/** The values with every inner gap of at most `longest` steps filled on a straight line between its neighbours. */
export function fillGaps(values: Float64Array, longest: number): Float64Array {
  const filled = values.slice();
  for (const { start, length } of gapsOf(values)) {
    const [before, after] = [values[start - 1], values[start + length]];
    if (length > longest || before === undefined || after === undefined) continue;
    for (let i = 0; i < length; i++) filled[start + i] = before + ((after - before) * (i + 1)) / (length + 1);
  }
  return filled;
}
