/** A correlation κ of distance r ≥ 0 with κ(0) = 1, and −r κ′(r), its derivative by the logarithm of the length that r is measured in. */
export interface Correlation {
  at(r: number): number;
  byLogLength(r: number): number;
}

/** Correlations of smooth series: Matérn of half-integer order, from paths with kinks everywhere to paths with two derivatives, and the limit of all orders. */
export type SmoothKernel = "matern-1/2" | "matern-3/2" | "matern-5/2" | "gaussian";

/** @see C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, eq. 4.9 and 4.17. */
export const smoothKernels: Readonly<Record<SmoothKernel, Correlation>> = {
  "matern-1/2": { at: (r) => Math.exp(-r), byLogLength: (r) => r * Math.exp(-r) },
  "matern-3/2": {
    at: (r) => (1 + root3 * r) * Math.exp(-root3 * r),
    byLogLength: (r) => 3 * r * r * Math.exp(-root3 * r),
  },
  "matern-5/2": {
    at: (r) => (1 + root5 * r + (5 / 3) * r * r) * Math.exp(-root5 * r),
    byLogLength: (r) => (5 / 3) * r * r * (1 + root5 * r) * Math.exp(-root5 * r),
  },
  gaussian: { at: (r) => Math.exp((-r * r) / 2), byLogLength: (r) => r * r * Math.exp((-r * r) / 2) },
};

const root3 = Math.sqrt(3);
const root5 = Math.sqrt(5);
