/** Measures how fast a run goes, to say how long it will take. */
export interface Pace {
  /** Fraction done, time since the start and expected time left for `done` of `total` evaluations. */
  at(
    done: number,
    total: number,
  ): { readonly fraction: number; readonly elapsedMs: number; readonly remainingMs: number };
}

/** Starts the clock at `already` evaluations, those a resumed run does not repeat. */
export function startPace(already: number): Pace {
  const start = performance.now();
  return {
    at: (done, total) => {
      const elapsedMs = performance.now() - start;
      const made = Math.max(1, done - already);
      const fraction = total > 0 ? Math.min(1, done / total) : 1;
      return { fraction, elapsedMs, remainingMs: (elapsedMs / made) * Math.max(0, total - done) };
    },
  };
}
