/**
 * The discrete Fourier transform of complex numbers, in place: X_k = Σ_j x_j e^(−2πi jk/n). The inverse is the transform with real and imaginary
 * parts exchanged, divided by n.
 *
 * Relative error in the Euclidean norm at most about 8 · 2⁻⁵³ · log₂ n: every root of unity is computed on its own.
 *
 * @param real Real parts; the length is a power of two.
 * @param imaginary Imaginary parts, as many.
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., theorem 24.2.
 */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  reverseBits(real, imaginary);
  const cosines = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0, turn = 0; k < half; k++, turn += stride) {
        const [i, j] = [start + k, start + k + half];
        const [c, s] = [cosines[turn]!, sines[turn]!];
        const re = real[j]! * c - imaginary[j]! * s;
        const im = real[j]! * s + imaginary[j]! * c;
        real[j] = real[i]! - re;
        imaginary[j] = imaginary[i]! - im;
        real[i]! += re;
        imaginary[i]! += im;
      }
    }
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j]!, real[i]!];
      [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
    }
  }
}
