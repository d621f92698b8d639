import type { ResultRecord } from "@recon/core";
import { type Html, html } from "./html.ts";
import { formatCount } from "./number-format.ts";
import { stackedTable } from "./stacked-table.ts";

/** One level of likeness, and how many items pass it. */
interface LevelRow {
  readonly title: string;
  readonly level: number;
  readonly trained: number;
  readonly control: number;
}

/** Which training items come out of released weights, beside as many that the victim never saw; nothing where that was not counted. */
export function memorisationSection(results: readonly ResultRecord[]): Html | undefined {
  const found = results.flatMap(({ memorised }) => (memorised === undefined ? [] : [memorised]));
  const [first] = found;
  if (first === undefined) return undefined;
  const row = (title: string, level: number): LevelRow => ({
    title,
    level,
    trained: found.filter(({ score }) => score > level).length,
    control: found.filter(({ control }) => control > level).length,
  });
  const { similar, nearVerbatim, verbatim } = first.levels;
  const rows = [row("recognisable", similar), row("nearly verbatim", nearVerbatim), row("verbatim", verbatim)];
  const total = found.length;
  const share = (count: number): string => `${formatCount(count)} of ${formatCount(total)}`;
  const caption = `What came out of the weights: items with ${first.resemblance} above each level. The control is the same candidates against as many items that the victim was not trained on, matched anew; the difference is what training gave away.`;
  return html`<h4>Memorised training data</h4>${stackedTable(
    caption,
    [
      {
        title: "Level",
        cell: ({ title, level }: LevelRow) => html`${title} <span class="quiet">above ${level}</span>`,
      },
      { title: "Training items", cell: ({ trained }: LevelRow) => html`<strong>${share(trained)}</strong>` },
      { title: "Control: held-out items", cell: ({ control }: LevelRow) => share(control) },
      { title: "Difference", cell: ({ trained, control }: LevelRow) => `${trained - control}` },
    ],
    rows,
  )}`;
}
