import { full } from "../ops/shape.ts";
import { concat, pad } from "../ops/slice.ts";
import type { Tensor } from "../tensor.ts";
import type { Merged, Merger } from "./merge-sums.ts";

interface Window {
  readonly term: Tensor;
  readonly source: Tensor;
  readonly start: number;
  readonly end: number;
}

const beforeOf = (node: Tensor): readonly number[] => node.attributes.before as readonly number[];

/** The only axis along which a node is padded. */
function paddedAxis(node: Tensor): number | undefined {
  const source = node.inputs[0]!;
  const axes = node.shape.map((_, axis) => axis).filter((axis) => node.shape[axis] !== source.shape[axis]);
  return axes.length === 1 ? axes[0] : undefined;
}

/** Windows that do not overlap, in their order, as many as start one after another. */
function apart(windows: readonly Window[]): Window[] {
  const chosen: Window[] = [];
  for (const window of [...windows].sort((a, b) => a.start - b.start || a.end - b.end))
    if (window.start >= (chosen.at(-1)?.end ?? 0)) chosen.push(window);
  return chosen;
}

/** One concatenation for all windows, zeros where there is a gap, padding at the ends; undefined where that saves nothing. */
function joined(windows: readonly Window[], axis: number): Merged | undefined {
  const shape = windows[0]!.term.shape;
  const parts: Tensor[] = [];
  const first = windows[0]!.start;
  let at = first;
  for (const { source, start, end } of windows) {
    if (start > at)
      parts.push(
        full(
          0,
          shape.map((extent, i) => (i === axis ? start - at : extent)),
        ),
      );
    parts.push(source);
    at = end;
  }
  const gaps = parts.length - windows.length;
  const rest = shape[axis]! - at;
  const [before, after] = [shape.map((_, i) => (i === axis ? first : 0)), shape.map((_, i) => (i === axis ? rest : 0))];
  // A padding each and the additions between them, against a concatenation, the gaps and the padding at the ends.
  if (2 * windows.length - 1 <= 1 + gaps + (first + rest > 0 ? 1 : 0)) return undefined;
  return { terms: windows.map(({ term }) => term), replacement: pad(concat(parts, axis), before, after) };
}

/** Σ of tensors that are zero outside windows side by side: the windows one after another. */
export const mergeWindows: Merger = (terms, usedOnce) => {
  const byAxis = new Map<number, Window[]>();
  for (const term of terms) {
    if (term.op.name !== "pad" || !usedOnce(term)) continue;
    const axis = paddedAxis(term);
    if (axis === undefined) continue;
    const source = term.inputs[0]!;
    const start = beforeOf(term)[axis]!;
    byAxis.set(axis, [...(byAxis.get(axis) ?? []), { term, source, start, end: start + source.shape[axis]! }]);
  }
  const merged: Merged[] = [];
  for (const [axis, windows] of byAxis) {
    let rest: readonly Window[] = windows;
    while (rest.length > 1) {
      const chosen = apart(rest);
      const one = chosen.length > 1 ? joined(chosen, axis) : undefined;
      if (one !== undefined) merged.push(one);
      rest = rest.filter((window) => !chosen.includes(window));
    }
  }
  return merged;
};
