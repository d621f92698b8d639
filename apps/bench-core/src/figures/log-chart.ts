/** A curve of a chart: a number or a category against a positive number. */
export interface ChartCurve {
  readonly name: string;
  readonly points: readonly { readonly x: number | string; readonly y: number }[];
  /** A guide rather than data: dashed, without marks. */
  readonly guide?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly ChartCurve[];
}

const [width, height] = [760, 440];
const frame = { left: 70, right: 220, top: 40, bottom: 60 };
const colours = [
  "#b45309",
  "#be185d",
  "#1d4ed8",
  "#047857",
  "#7c3aed",
  "#6b7280",
  "#0e7490",
  "#a16207",
  "#dc2626",
  "#111827",
];

/** A chart as SVG: logarithmic upwards; logarithmic to the right for numbers, one place each for categories. */
export function logChart({ title, xLabel, yLabel, curves }: ChartOptions): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map(({ x }) => x))];
  const exponents = points.map(({ y }) => Math.log10(y));
  const [low, high] = [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))];
  const numbers = xs.filter((x): x is number => typeof x === "number");
  const inner = { width: width - frame.left - frame.right, height: height - frame.top - frame.bottom };
  const share = (x: number | string): number => {
    if (typeof x === "string") return (xs.indexOf(x) + 0.5) / xs.length;
    const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
    return Math.log(x / first) / Math.log(last / first);
  };
  const left = (x: number | string): string => (frame.left + share(x) * inner.width).toFixed(1);
  const top = (y: number): string => (frame.top + ((high - Math.log10(y)) / (high - low)) * inner.height).toFixed(1);
  const bottom = frame.top + inner.height;
  const text = (x: string | number, y: string | number, words: string, more = ""): string =>
    `<text x="${x}" y="${y}" ${more}>${escaped(words)}</text>`;
  const step = Math.max(1, Math.ceil((high - low) / 9));
  const rules = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step).map((e) => {
    const y = top(10 ** e);
    return `<line x1="${frame.left}" x2="${frame.left + inner.width}" y1="${y}" y2="${y}" stroke="#e5e7eb"/>${text(frame.left - 8, Number(y) + 4, `1e${e}`, 'text-anchor="end"')}`;
  });
  const ticks = xs.map((x) =>
    text(left(x), bottom + 18, String(x), `text-anchor="middle" font-size="${numbers.length > 0 ? 12 : 9}"`),
  );
  const lines = curves.map(({ name, points: own, guide = false }, i) => {
    const colour = colours[i % colours.length]!;
    const path = own.map(({ x, y }) => `${left(x)},${top(y)}`).join(" ");
    const joined = typeof own[0]?.x === "number";
    const marks = guide
      ? []
      : own.map(({ x, y }) => `<circle cx="${left(x)}" cy="${top(y)}" r="3.5" fill="${colour}"/>`);
    const line = joined
      ? `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"${guide ? ' stroke-dasharray="5 4"' : ""}/>`
      : "";
    const key = frame.top + 14 + i * 20;
    const legend = `<rect x="${width - frame.right + 16}" y="${key - 8}" width="14" height="3" fill="${colour}"/>${text(width - frame.right + 36, key - 2, name)}`;
    return `${line}${marks.join("")}${legend}`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#111827">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(frame.left, 22, title, 'font-size="14" font-weight="bold"'),
    ...rules,
    ...ticks,
    text(frame.left + inner.width / 2, height - 14, xLabel, 'text-anchor="middle"'),
    text(14, frame.top - 8, yLabel),
    ...lines,
    "</svg>",
  ].join("\n")}\n`;
}

const escaped = (words: string): string => words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
