const windowExtent = 11;
const uniformExtent = 7;
const windowSigma = 1.5;
const c1 = 0.01 ** 2;
const c2 = 0.03 ** 2;

/** Gaussian weights of `extent` positions around the centre, summing to 1. */
function gaussianWindow(extent: number): Float64Array {
  const centre = (extent - 1) / 2;
  const weights = Float64Array.from({ length: extent }, (_, i) =>
    Math.exp(-((i - centre) ** 2) / (2 * windowSigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Weighted means over all positions of the window inside a plane of height × width. */
function filterPlane(
  plane: Float64Array,
  width: number,
  vertical: Float64Array,
  horizontal: Float64Array,
): Float64Array {
  const height = plane.length / width;
  const outWidth = width - horizontal.length + 1;
  const outHeight = height - vertical.length + 1;
  const rows = new Float64Array(height * outWidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++) {
      let total = 0;
      for (let k = 0; k < horizontal.length; k++) total += horizontal[k]! * plane[y * width + x + k]!;
      rows[y * outWidth + x] = total;
    }
  }
  const result = new Float64Array(outHeight * outWidth);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      let total = 0;
      for (let k = 0; k < vertical.length; k++) total += vertical[k]! * rows[(y + k) * outWidth + x]!;
      result[y * outWidth + x] = total;
    }
  }
  return result;
}

/**
 * Structural similarity of two images [C, H, W] with values on [0, 1]: the mean over channels and window positions of
 *
 *     (2 μₐμ_b + C₁)(2 σₐ_b + C₂) / ((μₐ² + μ_b² + C₁)(σₐ² + σ_b² + C₂)),  C₁ = .01², C₂ = .03²
 *
 * with moments under an 11 × 11 Gaussian window (σ = 1.5) at every position inside the image. A side shorter than 11 uses the whole
 * side as its window. With a uniform window it is 7 × 7, as in several tools. 1 for equal images, at most 1; not finite estimates score −1.
 *
 * @see Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to structural similarity",
 * IEEE Transactions on Image Processing 13 (2004).
 */
export function ssim(
  estimate: Float64Array,
  truth: Float64Array,
  shape: readonly number[],
  window: "gaussian" | "uniform" = "gaussian",
): number {
  const [channels, height, width] = shape as [number, number, number];
  const weights = (side: number): Float64Array =>
    window === "gaussian"
      ? gaussianWindow(Math.min(windowExtent, side))
      : new Float64Array(Math.min(uniformExtent, side)).fill(1 / Math.min(uniformExtent, side));
  const [vertical, horizontal] = [weights(height), weights(width)];
  const size = height * width;
  let total = 0;
  let positions = 0;
  for (let channel = 0; channel < channels; channel++) {
    const a = estimate.subarray(channel * size, (channel + 1) * size);
    const b = truth.subarray(channel * size, (channel + 1) * size);
    const mean = (f: (i: number) => number): Float64Array =>
      filterPlane(
        Float64Array.from({ length: size }, (_, i) => f(i)),
        width,
        vertical,
        horizontal,
      );
    const meanA = mean((i) => a[i]!);
    const meanB = mean((i) => b[i]!);
    const squareA = mean((i) => a[i]! ** 2);
    const squareB = mean((i) => b[i]! ** 2);
    const product = mean((i) => a[i]! * b[i]!);
    for (let i = 0; i < meanA.length; i++) {
      const [ma, mb] = [meanA[i]!, meanB[i]!];
      const luminance = (2 * ma * mb + c1) / (ma * ma + mb * mb + c1);
      const structure = (2 * (product[i]! - ma * mb) + c2) / (squareA[i]! - ma * ma + squareB[i]! - mb * mb + c2);
      total += luminance * structure;
      positions++;
    }
  }
  const score = total / positions;
  return Number.isFinite(score) ? score : -1;
}
