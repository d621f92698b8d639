import { type Document, isMap, isScalar, type LineCounter, type Node, type Pair } from "yaml";

/** Where something is in an audit file: the keys and list indices that lead to it. */
export type KeyPath = readonly (string | number)[];

/** `attacks[1].name`: a path as people write it. */
export function keyName(path: KeyPath): string {
  return path.map((key, depth) => (typeof key === "number" ? `[${key}]` : depth === 0 ? key : `.${key}`)).join("");
}

/**
 * The 1-based line of a path in a YAML document: that of the key where there is one, of the list item otherwise,
 * of the nearest enclosing key when the path leads to something that is not written in the file.
 */
export function lineOf(document: Document, lines: LineCounter, path: KeyPath): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1]!;
    const start = isMap(parent) ? startOfKey(parent.items, key) : startOf(document.getIn(path.slice(0, depth), true));
    if (start !== undefined) return lines.linePos(start).line;
  }
  return lines.linePos(document.contents?.range?.[0] ?? 0).line;
}

function startOfKey(pairs: readonly Pair[], key: string | number): number | undefined {
  const pair = pairs.find((candidate) => isScalar(candidate.key) && String(candidate.key.value) === String(key));
  return startOf(pair?.key);
}

function startOf(node: unknown): number | undefined {
  return typeof node === "object" && node !== null && "range" in node ? (node as Node).range?.[0] : undefined;
}
