/** The standard normal distribution in float64, with small relative error in both tails. */

const rootTwoPi = Math.sqrt(2 * Math.PI);

/** φ(x) = e^(−x²/2) / √(2π). */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / rootTwoPi;
}

/** Φ(x) = P(Z ≤ x). Relative error below 1e-12 down to x = −37, where Φ leaves the range of float64. */
export function normalCdf(x: number): number {
  return x > 0 ? 1 - upperTail(x) : upperTail(-x);
}

/** log Φ(x), finite for every finite x. */
export function logNormalCdf(x: number): number {
  if (x > 0) return Math.log1p(-upperTail(x));
  return x > -3 ? Math.log(upperTail(-x)) : -0.5 * x * x - Math.log(rootTwoPi) + Math.log(millsRatio(-x));
}

/** Φ⁻¹(p): −∞ at 0, ∞ at 1. Newton's method on log Φ, which is concave, from a point left of the root, so that it never overshoots. */
export function normalQuantile(p: number): number {
  if (Number.isNaN(p) || p < 0 || p > 1) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  const target = Math.log(p);
  // Φ(−t) ≤ e^(−t²/2) / 2.
  let x = -Math.sqrt(Math.max(0, -2 * Math.log(2 * p)));
  for (let step = 0; step < 60; step++) {
    const log = logNormalCdf(x);
    const change = (target - log) * Math.exp(log + 0.5 * x * x) * rootTwoPi;
    x += change;
    if (!(Math.abs(change) > 1e-15 * (1 + Math.abs(x)))) break;
  }
  return x;
}

/**
 * P(a < Z ≤ b) for a ≤ b, to small relative error: by quadrature where the interval is so short that a difference of tails would cancel.
 */
export function normalMass(a: number, b: number): number {
  if (!(b > a)) return 0;
  if ((b - a) * Math.max(1, Math.abs(a), Math.abs(b)) < 0.25) return shortMass(a, b);
  if (a >= 0) return upperTail(a) - upperTail(b);
  return b <= 0 ? upperTail(-b) - upperTail(-a) : 1 - upperTail(-a) - upperTail(b);
}

// Gauss–Legendre with five nodes: for such intervals its relative error is below 1e-14.
const nodes = [0, Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3];
const weights = [128 / 225, (322 + 13 * Math.sqrt(70)) / 900, (322 - 13 * Math.sqrt(70)) / 900];

function shortMass(a: number, b: number): number {
  const middle = 0.5 * (a + b);
  const half = 0.5 * (b - a);
  let total = weights[0]! * normalDensity(middle);
  for (let i = 1; i < 3; i++) {
    const offset = half * nodes[i]!;
    total += weights[i]! * (normalDensity(middle - offset) + normalDensity(middle + offset));
  }
  return half * total;
}

/** P(Z > x) for x ≥ 0. */
function upperTail(x: number): number {
  if (x >= 3) return x === Number.POSITIVE_INFINITY ? 0 : normalDensity(x) * millsRatio(x);
  // Φ(x) − 1/2 = φ(x) (x + x³/3 + x⁵/(3·5) + …); every term is positive.
  let term = x;
  let total = x;
  for (let n = 3; term > 1e-17 * total; n += 2) {
    term *= (x * x) / n;
    total += term;
  }
  return 0.5 - normalDensity(x) * total;
}

/** P(Z > x) / φ(x) for x ≥ 3, by Laplace's continued fraction 1/(x + 1/(x + 2/(x + 3/(x + …)))). */
function millsRatio(x: number): number {
  let tail = x;
  for (let k = 80; k >= 1; k--) tail = x + k / tail;
  return 1 / tail;
}
