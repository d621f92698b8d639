import type { TracePoint } from "../problem.ts";

/** A convergence curve of bounded length. */
export interface Trace {
  add(evaluations: number, objective: number): void;
  points(): TracePoint[];
}

/**
 * Collects a convergence curve: every point at first, then every second, every fourth, … so that at most `limit` are kept,
 * evenly spread, with the last point always among them.
 */
export function startTrace(limit = 200): Trace {
  let stride = 1;
  let seen = 0;
  let kept: TracePoint[] = [];
  let last: TracePoint | undefined;
  return {
    add: (evaluations, objective) => {
      last = { evaluations, objective };
      if (seen++ % stride !== 0) return;
      kept.push(last);
      if (kept.length < limit) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      stride *= 2;
    },
    points: () => (last === undefined || kept.at(-1) === last ? [...kept] : [...kept, last]),
  };
}
