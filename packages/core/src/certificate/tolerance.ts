/** What is known of the accuracy of an observation. */
export interface ObservationAccuracy {
  readonly precision: "float32" | "float64";
  /** Standard deviation of known, independent Gaussian noise on every entry; 0 for none. */
  readonly noiseStd: number;
  readonly entries: number;
  /** ‖y‖₂ of the whole observation. */
  readonly norm: number;
}

const rounding = { float32: 1e-4, float64: 1e-10 } as const;
const quantile99 = 2.3263478740408408;

/**
 * Largest relative residual ‖F(x̂) − y‖ / ‖y‖ of a candidate that explains the whole observation.
 *
 * 1e-10 for float64 and 1e-4 for float32 observations; under known noise the 99 % quantile σ √χ²_N(.99) / ‖y‖ where that is larger.
 *
 * @see E. B. Wilson, M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931), for the quantile.
 */
export function residualTolerance({ precision, noiseStd, entries, norm }: ObservationAccuracy): number {
  if (!(noiseStd > 0)) return rounding[precision];
  const share = 2 / (9 * entries);
  const quantile = entries * (1 - share + quantile99 * Math.sqrt(share)) ** 3;
  return Math.max(rounding[precision], (noiseStd * Math.sqrt(quantile)) / norm);
}
