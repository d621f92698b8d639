import fc from "fast-check";
import { describe, it } from "vitest";
import { rng } from "../random.ts";
import type { Law } from "./law.ts";

/** How often every law is tried, and from which seed; a failure prints the seed that repeats it. */
export interface Repetition {
  /** Drawn cases a law; 5 unless said. */
  readonly runs?: number;
  readonly seed?: number;
  /** Milliseconds a law may take. */
  readonly timeoutMs?: number;
}

/** Registers a test for every law. */
export function register<Subject, Options extends Repetition>(
  title: string,
  laws: readonly Law<Subject, Options>[],
  make: () => Subject,
  options: Options,
): void {
  const { runs = 5, seed, timeoutMs = 60_000 } = options;
  describe(title, () => {
    for (const law of laws) {
      const check = fc.asyncProperty(fc.nat(), (drawn) => law.check(make, options, rng(drawn)));
      const settings = { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) };
      it(law.name, () => fc.assert(check, settings), timeoutMs);
    }
  });
}
