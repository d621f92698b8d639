/** log Γ(x) for x > 0: Stirling's series, after shifting small x up by Γ(x + 1) = x Γ(x). Absolute error below 1e-13 for x up to 1e3. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 16) {
    shift += Math.log(z);
    z += 1;
  }
  const r = 1 / (z * z);
  const correction = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + correction - shift;
}

const logFactorials = Float64Array.from({ length: 1025 }, (_, n) => logGamma(n + 1));

/** log of the binomial coefficient n over k. */
export function logBinomial(n: number, k: number): number {
  if (k === 0 || k === n) return 0;
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

function logFactorial(n: number): number {
  return logFactorials[n] ?? logGamma(n + 1);
}

/** log Σ exp(vᵢ) without overflow; −∞ for no values. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! > largest) largest = values[i]!;
  if (!Number.isFinite(largest)) return largest;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += Math.exp(values[i]! - largest);
  return largest + Math.log(total);
}
