/** Smallest mean squared error that is told from zero: PSNR ends at 320 dB. */
const errorFloor = 1e-32;

/**
 * Peak signal-to-noise ratio in dB of two images with values on [0, 1]: PSNR = 10 log₁₀(1 / MSE).
 *
 * MSE is over all channels and positions, at least 1e-32; values outside [0, 1] are not clipped.
 * An estimate that is not finite scores as the largest finite error.
 */
export function psnr(estimate: Float64Array, truth: Float64Array): number {
  let total = 0;
  for (let i = 0; i < truth.length; i++) total += (estimate[i]! - truth[i]!) ** 2;
  const error = total / truth.length;
  return -10 * Math.log10(Number.isFinite(error) ? Math.max(error, errorFloor) : Number.MAX_VALUE);
}
