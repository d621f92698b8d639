import type { HermiteConstants } from "./hermite-constants.ts";

/** The orders of the moments from which directions can be had. */
export type MomentOrder = 3 | 4;

/** The orders to use, or why there is none. */
export type MomentOrders = { readonly orders: readonly MomentOrder[] } | { readonly reason: string };

/** Below this share of the slope a moment counts as zero: it would take more neurons than nets have to see it. */
const least = 0.02;
/** An order whose signal is weaker than this share of the other's adds more noise than it tells. */
const worthwhile = 0.3;

/**
 * Which moments of the gradient show the samples apart: those whose E s⁽ᵖ⁾ does not vanish beside the slope √E s′².
 *
 * Odd activations have no even orders, and those that are a straight line plus an even function no odd ones; a quadratic has neither and leaks only the
 * second moment Σ rᵢ xᵢ xᵢᵀ, hence the span but no sample.
 *
 * @param forced the one order to use, if it is there.
 */
export function momentOrders({ derivatives, slope }: HermiteConstants, forced?: MomentOrder): MomentOrders {
  // The noise of the estimate of order p grows with the size of He_{p−1}, √(p − 1)!.
  const signal = (p: MomentOrder): number =>
    Math.abs(derivatives[p]!) / (slope * (p === 3 ? Math.SQRT2 : Math.sqrt(6)));
  const seen = ([3, 4] as const).filter((p) => Math.abs(derivatives[p]!) >= least * slope);
  const named = (p: MomentOrder): string => `E s${p === 3 ? "‴" : "⁗"} = ${derivatives[p]!.toPrecision(3)}`;
  if (seen.length === 0) {
    return {
      reason: `The activation's moments of order 3 and 4 vanish (${named(3)}, ${named(4)}): the gradient shows the span of the samples but not the samples.`,
    };
  }
  if (forced !== undefined) {
    if (seen.includes(forced)) return { orders: [forced] };
    const other = forced === 3 ? 4 : 3;
    return {
      reason: `The activation's moment of order ${forced} vanishes (${named(forced)}): use order ${other} (${named(other)}).`,
    };
  }
  const strongest = Math.max(...seen.map(signal));
  return { orders: seen.filter((p) => signal(p) >= worthwhile * strongest) };
}
