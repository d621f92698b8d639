import { ReconError } from "../errors.ts";
import type { Rng } from "../random.ts";

/**
 * One thing that must hold of every implementation of a contract: a plain function that throws where it does not.
 *
 * It depends on no test runner, so that it can be tried on implementations that are wrong on purpose.
 */
export interface Law<Subject, Options> {
  readonly name: string;
  /** Makes a fresh subject as often as it needs; draws its inputs from `rng`. */
  check(make: () => Subject, options: Options, rng: Rng): Promise<void>;
}

/** What a broken law throws: `law-broken`, with what was expected and what was found. */
export function broken(message: string): ReconError {
  return new ReconError("law-broken", message);
}

/** @throws ReconError `law-broken` unless the condition holds. */
export function demand(condition: boolean, message: string): void {
  if (!condition) throw broken(message);
}

/** Demands that two numbers agree: |a − b| ≤ tolerance · max(|a|, |b|, scale). */
export function demandClose(a: number, b: number, tolerance: number, scale: number, what: string): void {
  const close = Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), scale);
  demand(close, `${what}: ${a} and ${b} differ by more than ${tolerance} relative.`);
}
