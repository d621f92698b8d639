import type { NdArray } from "@recon/engine";
import { autocovariance } from "./autocovariance.ts";
import { centredCurves } from "./centred-curves.ts";
import { mostWindows } from "./fit-gaussian-process.ts";
import type { GaussianProcess } from "./gaussian-process.ts";
import { innovations } from "./innovations.ts";

/** Innovations of Student's distribution with ν degrees of freedom and scale s. */
export interface Tails {
  readonly degrees: number;
  readonly scale: number;
}

export interface TailsFit extends Tails {
  /** By how much the windows are likelier than with normal innovations, a value, in nats. */
  readonly gain: number;
}

const candidates = [1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 100];
const iterations = 200;

/**
 * The tails that explain the innovations of public series best under a process that was fitted to them: for each ν the likeliest scale,
 *
 *     s² ← mean of (ν + 1) z² / (ν + z² / s²),     z = L (x − μ),
 *
 * and of these the likeliest ν. Of many windows it takes 48, evenly spread, and of every column the mean of these is taken off. Nothing is random.
 *
 * @throws ReconError `bad-data` as `fitGaussianProcess` does.
 * @see K. L. Lange, R. J. A. Little, J. M. G. Taylor, "Robust statistical modeling using the t distribution", JASA 84 (1989).
 */
export function fitTails(prior: GaussianProcess, windows: readonly NdArray[]): TailsFit {
  const { curves } = centredCurves(windows, mostWindows);
  const z = curves.flatMap((curve) => innovationsOf(prior, curve));
  const normal = z.reduce((total, value) => total - value ** 2 / 2, 0) / z.length - Math.log(2 * Math.PI) / 2;
  const fits = candidates.map((degrees) => {
    const scale = likeliestScale(z, degrees);
    return { degrees, scale: Number(scale.toPrecision(4)), gain: logDensity(z, { degrees, scale }) - normal };
  });
  return fits.reduce((best, fit) => (fit.gain > best.gain ? fit : best));
}

function innovationsOf(prior: GaussianProcess, curve: Float64Array): number[] {
  const n = curve.length;
  const { rows } = innovations(autocovariance(prior.options, n));
  return Array.from({ length: n }, (_, t) => {
    let value = 0;
    for (let u = 0; u <= t; u++) value += rows.data[t * n + u]! * curve[u]!;
    return value;
  });
}

function likeliestScale(z: readonly number[], degrees: number): number {
  let square = z.reduce((total, value) => total + value ** 2, 0) / z.length;
  for (let i = 0; i < iterations; i++) {
    let total = 0;
    for (const value of z) total += ((degrees + 1) * value ** 2) / (degrees + value ** 2 / square);
    square = total / z.length;
  }
  return Math.sqrt(square);
}

/** Mean of log p(z). */
function logDensity(z: readonly number[], { degrees, scale }: Tails): number {
  const total = z.reduce((sum, value) => sum + Math.log1p(value ** 2 / (degrees * scale ** 2)), 0);
  const constant = Math.log(gammaRatio(degrees)) - Math.log(degrees * Math.PI) / 2 - Math.log(scale);
  return constant - ((degrees + 1) / 2) * (total / z.length);
}

/** Γ((ν + 1) / 2) / Γ(ν / 2) by r(1) = 1/√π, r(ν + 1) = ν / 2 r(ν). */
function gammaRatio(degrees: number): number {
  let ratio = 1 / Math.sqrt(Math.PI);
  for (let nu = 1; nu < degrees; nu++) ratio = nu / 2 / ratio;
  return ratio;
}
