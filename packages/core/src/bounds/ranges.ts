/** Checks of arguments that all bounds share. Each names the quantity, what was given and what is allowed. */
import { ReconError } from "../errors.ts";

/** @throws ReconError `bad-option` unless the value is finite and above 0. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new ReconError("bad-option", `The ${name} must be a finite number above 0, not ${value}.`);
  }
}

/** @throws ReconError `bad-option` unless the value is finite and at least 0. */
export function requireNonNegative(name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) {
    throw new ReconError("bad-option", `The ${name} must be a finite number of at least 0, not ${value}.`);
  }
}

/** @throws ReconError `bad-option` unless the value is a whole number of at least `least`. */
export function requireCount(name: string, value: number, least = 1): void {
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new ReconError("bad-option", `The ${name} must be a whole number of at least ${least}, not ${value}.`);
  }
}

/** @throws ReconError `bad-option` unless 0 < value < 1. */
export function requireInsideUnit(name: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new ReconError("bad-option", `The ${name} must lie strictly between 0 and 1, and is ${value}.`);
  }
}

/** @throws ReconError `bad-option` unless 0 < value ≤ 1. */
export function requireRate(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) {
    throw new ReconError("bad-option", `The ${name} must lie above 0 and be at most 1, and is ${value}.`);
  }
}

/** @throws ReconError `no-noise` unless the scale of the noise is finite and above 0. */
export function requireNoise(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new ReconError(
      "no-noise",
      `The ${name} is ${value}: without noise of a finite scale above 0 there is neither a privacy guarantee nor a lower bound on the error.`,
    );
  }
}
