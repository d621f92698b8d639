import type { ComposedLoss } from "./compose-losses.ts";

/** δ(ε) = E_P (1 − e^(ε − L))₊ of one distribution of losses, shifted by its slack to the safe side, and its inverse. */
export interface HockeyStick {
  delta(epsilon: number): number;
  /** The least ε ≥ 0 with δ(ε) at most this; infinite where there is none. */
  epsilon(delta: number): number;
}

/**
 * Tables δ at every point of the grid from the right, with positive terms only:
 *
 *     δ(l_{i−1}) = (1 − e^(−h)) Σ_{j≥i} mⱼ + e^(−h) δ(l_i)
 */
export function hockeyStick(loss: ComposedLoss, side: "lower" | "upper"): HockeyStick {
  const { step, first, masses, infinite, slack } = loss;
  const n = masses.length;
  const [above, values] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  const decay = Math.exp(-step);
  const width = -Math.expm1(-step);
  for (let i = n - 1; i >= 0; i--) {
    values[i] = width * above[i + 1]! + decay * values[i + 1]!;
    above[i] = above[i + 1]! + masses[i]!;
  }
  const shift = side === "upper" ? infinite + slack : -slack;
  const delta = (epsilon: number): number => {
    const i = Math.max(0, Math.ceil(epsilon / step) - first);
    const distance = (first + i) * step - epsilon;
    const finite = i >= n ? 0 : above[i]! * -Math.expm1(-distance) + Math.exp(-distance) * values[i]!;
    return Math.min(1, Math.max(0, finite + shift));
  };
  return {
    delta,
    epsilon(target) {
      if (delta(0) <= target) return 0;
      let [low, high] = [0, (first + n) * step];
      if (!(delta(high) <= target)) return Number.POSITIVE_INFINITY;
      for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
        const middle = 0.5 * (low + high);
        if (delta(middle) > target) low = middle;
        else high = middle;
      }
      return side === "upper" ? high : low;
    },
  };
}
