import { type Delimiter, delimiters, readRecords } from "./read-records.ts";

/** How many rows are looked at to find the delimiter. */
const looked = 20;

/**
 * The delimiter by which the header and the first rows of a table have equally many cells, and the most of them.
 */
export function findDelimiter(text: string, shown: string): Delimiter {
  const cuts = delimiters.map((delimiter) => cutBy(delimiter));
  const widest = (of: readonly { readonly delimiter: Delimiter; readonly width: number }[]) =>
    of.reduce((best, other) => (other.width > best.width ? other : best), of[0] ?? { delimiter: ",", width: 0 });
  const fitting = widest(cuts.filter(({ fits }) => fits));
  const any = widest(cuts);
  // What cuts the header alone is still the likelier one: rows are then too long, and an error says so.
  return fitting.width > 1 || any.width <= 1 ? fitting.delimiter : any.delimiter;

  /** How many cells the header has, and whether the rows have as many. */
  function cutBy(delimiter: Delimiter): {
    readonly delimiter: Delimiter;
    readonly width: number;
    readonly fits: boolean;
  } {
    const width = attempt(delimiter, 1)[0]?.length ?? 0;
    const rows = attempt(delimiter, looked);
    const full = rows.filter((cells) => cells.length >= width).length;
    const fits = rows.every((cells) => filledLength(cells) <= width) && 2 * full > rows.length;
    return { delimiter, width, fits };
  }

  /** The first rows; none where quotation marks make no sense with a delimiter: with the right one, reading says what is wrong. */
  function attempt(delimiter: Delimiter, to: number): readonly (readonly string[])[] {
    try {
      return readRecords(text, shown, delimiter, to).map(({ cells }) => cells);
    } catch {
      return [];
    }
  }
}

/** Cells up to the last that is not empty: some programs end every row with a delimiter. */
export function filledLength(cells: readonly string[]): number {
  return cells.findLastIndex((cell) => cell !== "") + 1;
}
