import { type Html, html } from "./html.ts";

/** One column of a table over rows of T. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Html | string;
}

/** A table whose first column heads its rows; on narrow screens every row becomes a block. */
export function stackedTable<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[]): Html {
  const row = (entry: T): Html =>
    html`<tr role="row">${columns.map(({ title, cell }, index) =>
      index === 0
        ? html`<th role="rowheader" scope="row">${cell(entry)}</th>`
        : html`<td role="cell" data-label="${title}"><div>${cell(entry)}</div></td>`,
    )}</tr>`;
  return html`<table class="stacked" role="table"><caption>${caption}</caption>
<thead><tr role="row">${columns.map(({ title }) => html`<th role="columnheader" scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(row)}</tbody></table>`;
}
