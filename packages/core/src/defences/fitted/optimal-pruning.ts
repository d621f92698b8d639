import type { Arrays } from "@recon/engine";
import type { Defence } from "../../problem.ts";
import { fittedRemoval } from "./fitted-removal.ts";
import { relativeSensitivity } from "./optimal-noise.ts";
import { observationSensitivity } from "./sensitivity.ts";

export interface OptimalPruningOptions {
  /** p, the share of all entries that is set to zero. */
  readonly rate: number;
}

/**
 * Sets to zero the share p of entries that reveal most for what they are worth to training: the largest c_k / |g_k|, with c_k = ‖∂g_k/∂x‖, over all tensors together.
 *
 * The mask is visible as exact zeros.
 *
 * @throws ReconError `bad-option` unless 0 ≤ p < 1.
 */
export function optimalPruning(options: OptimalPruningOptions): Defence {
  return fittedRemoval("optimal-pruning", options, async (victim, rate) => {
    const squares = await observationSensitivity(victim);
    return (clean) => withoutMostRevealing(clean, squares, rate);
  });
}

function withoutMostRevealing(clean: Arrays, squares: Readonly<Record<string, Float64Array>>, rate: number): Arrays {
  const ratios = Object.fromEntries(
    Object.entries(clean).map(([name, { data }]) => [
      name,
      Float64Array.from(data, (g, k) => relativeSensitivity(squares[name]![k]!, g)),
    ]),
  );
  const sorted = Float64Array.from(Object.values(ratios).flatMap((list) => Array.from(list))).sort();
  const kept = Math.ceil((1 - rate) * sorted.length);
  const limit = kept < sorted.length ? sorted[kept]! : Number.POSITIVE_INFINITY;
  return Object.fromEntries(
    Object.entries(clean).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((g, k) => (ratios[name]![k]! < limit ? g : 0)) },
    ]),
  );
}
