import { escapeMarkup } from "./escape-markup.ts";

/** One drawing with its heading. */
export interface Panel {
  readonly heading: string;
  /** What stands in a box of `panel.width` × `panel.height`. */
  readonly content: string;
}

export const panel = { width: 260, height: 210 } as const;

const headingHeight = 24;

/** Colours: wrong in the reconstruction, missed of the truth, what is right, and what the guess says. */
export const colours = { wrong: "#d43d3d", missed: "#e0a11b", right: "#2f7d4f", plain: "#5a6270" } as const;

/** Panels side by side as one drawing on white, since the colours of atoms are made for it. */
export function sideBySide(panels: readonly Panel[], label: string): string {
  const [width, height] = [panels.length * panel.width, panel.height + headingHeight];
  const drawn = panels.map(({ heading, content }, i) => {
    const title = `<text x="${panel.width / 2}" y="17" text-anchor="middle" font-size="13" fill="#333">${escapeMarkup(heading)}</text>`;
    return `<g transform="translate(${i * panel.width} 0)">${title}<g transform="translate(0 ${headingHeight})">${content}</g></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" role="img" aria-label="${escapeMarkup(label)}"><rect width="100%" height="100%" fill="#fff"/>${drawn.join("")}</svg>`;
}
