/** Rényi differential privacy of the Poisson-subsampled Gaussian mechanism. */
import { ReconError } from "../../errors.ts";
import { logBinomial, logSumExp } from "../distributions/log-gamma.ts";
import { requireCount, requireInsideUnit } from "../ranges.ts";
import { guarantee, type PrivacyGuarantee, requireMechanism, type SampledGaussian } from "./guarantee.ts";

/** ε(α) at some orders. */
export interface RenyiCurve {
  /** α > 1. */
  readonly orders: readonly number[];
  readonly epsilons: readonly number[];
}

const integerOrders: readonly number[] = Array.from({ length: 255 }, (_, i) => i + 2);

/**
 * The Rényi divergence of one step, for a whole order α ≥ 2:
 *
 *     ε(α) = 1/(α−1) · log Σ_{k=0..α} C(α, k) (1−q)^{α−k} q^k exp((k² − k) / 2s²),    α / 2s² for q = 1
 *
 * @throws ReconError `no-noise`, `bad-option`.
 * @see Mironov, Talwar & Zhang, Rényi Differential Privacy of the Sampled Gaussian Mechanism, 2019, section 3.3.
 */
export function renyiOfStep(sampleRate: number, noiseMultiplier: number, order: number): number {
  requireMechanism({ sampleRate, noiseMultiplier, steps: 1 });
  requireCount("order of the Rényi divergence", order, 2);
  const variance = noiseMultiplier ** 2;
  if (sampleRate === 1) return order / (2 * variance);
  const [left, taken] = [Math.log1p(-sampleRate), Math.log(sampleRate)];
  const terms = Float64Array.from(
    { length: order + 1 },
    (_, k) => logBinomial(order, k) + (order - k) * left + k * taken + (k * k - k) / (2 * variance),
  );
  return Math.max(0, logSumExp(terms)) / (order - 1);
}

/** ε(α) of all steps together, at whole orders; divergences of steps add up. Orders 2 … 256 unless given. */
export function renyiCurve(mechanism: SampledGaussian, orders: readonly number[] = integerOrders): RenyiCurve {
  requireMechanism(mechanism);
  const { sampleRate, noiseMultiplier, steps } = mechanism;
  return { orders, epsilons: orders.map((order) => steps * renyiOfStep(sampleRate, noiseMultiplier, order)) };
}

/** The curve of several mechanisms run on the same data: the sum. @throws ReconError `shape` when they hold other orders. */
export function composeRenyi(curves: readonly RenyiCurve[]): RenyiCurve {
  const [first] = curves;
  if (first === undefined || curves.some(({ orders }) => orders.join() !== first.orders.join())) {
    throw new ReconError("shape", "composeRenyi needs at least one curve, and all of them at the same orders.");
  }
  return {
    orders: first.orders,
    epsilons: first.orders.map((_, i) => curves.reduce((total, curve) => total + curve.epsilons[i]!, 0)),
  };
}

/**
 * The least ε that a curve proves at a δ, and the order that proves it:
 *
 *     ε = min_α [ ε(α) + log((α−1)/α) − (log δ + log α)/(α−1) ]
 *
 * @throws ReconError `bad-option` unless 0 < δ < 1; `shape` for an empty curve.
 * @see Canonne, Kamath & Steinke, The Discrete Gaussian for Differential Privacy, NeurIPS 2020, proposition 12.
 */
export function renyiToEpsilon(curve: RenyiCurve, delta: number): { readonly epsilon: number; readonly order: number } {
  requireInsideUnit("delta", delta);
  if (curve.orders.length === 0) throw new ReconError("shape", "The Rényi curve holds no orders.");
  let best = { epsilon: Number.POSITIVE_INFINITY, order: curve.orders[0]! };
  curve.orders.forEach((order, i) => {
    const shift = Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    const epsilon = Math.max(0, curve.epsilons[i]! + shift);
    if (epsilon < best.epsilon) best = { epsilon, order };
  });
  return best;
}

/** (ε, δ) of DP-SGD by Rényi divergences at whole orders 2 … 256: an upper bound, a little above what the privacy loss distribution gives. */
export function renyiGuarantee(mechanism: SampledGaussian, delta: number): PrivacyGuarantee {
  const { epsilon, order } = renyiToEpsilon(renyiCurve(mechanism), delta);
  return guarantee(mechanism, delta, { epsilon, kind: "upper", method: `Rényi divergence of order ${order}` });
}
