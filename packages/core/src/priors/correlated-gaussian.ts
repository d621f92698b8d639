import { constant, matmul, mul, reshape, type Shape, sizeOf, square, sub, sum, type Tensor } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Matrix } from "../linear-algebra/matrix.ts";
import { inverseLower } from "../linear-algebra/triangular.ts";
import type { GaussianPrior } from "./gaussian.ts";

export interface CorrelatedGaussianOptions {
  /** μ, n numbers. */
  readonly mean: ArrayLike<number>;
  /** L, n × n, with the covariance C = L Lᵀ: what `cholesky` makes of it. */
  readonly factor: Matrix;
}

/**
 * Items whose entries vary together, N(μ, C): R(x) = Σᵢ ½ ‖L⁻¹ (xᵢ − μ)‖² over the items of a batch, with C = L Lᵀ estimated from other data of the same kind.
 *
 * Its blind guess is the mean.
 *
 * @throws ReconError `shape` where mean and factor do not fit each other or, in use, the items.
 */
export function correlatedGaussian({ mean, factor }: CorrelatedGaussianOptions): GaussianPrior {
  const n = mean.length;
  if (factor.rows !== n || factor.cols !== n) {
    throw new ReconError("shape", `A mean of ${n} numbers does not fit a factor of ${factor.rows} x ${factor.cols}.`);
  }
  const centre = Float64Array.from(mean);
  const whitening = constant(inverseLower(factor).data, [n, n]);
  const items = (shape: Shape): number => {
    if (sizeOf(shape.slice(1)) !== n) {
      throw new ReconError(
        "shape",
        `A Gaussian prior of ${n} entries does not fit items of shape [${shape.slice(1).join(", ")}].`,
      );
    }
    return shape[0]!;
  };
  return {
    kind: "energy",
    name: "correlated-gaussian",
    options: { entries: n },
    energy: (x: Tensor): Tensor => {
      const flat = sub(reshape(x, [items(x.shape), n]), constant(centre, [n]));
      return mul(sum(square(matmul(flat, whitening, { transposeB: true }))), 0.5);
    },
    sample: (shape, rng) => {
      const data = new Float64Array(items(shape) * n);
      for (let at = 0; at < data.length; at += n) {
        const draw = Float64Array.from({ length: n }, () => rng.normal());
        for (let i = 0; i < n; i++) {
          let value = centre[i]!;
          for (let j = 0; j <= i; j++) value += factor.data[i * n + j]! * draw[j]!;
          data[at + i] = value;
        }
      }
      return { shape, data };
    },
    blind: (shape) => {
      const data = new Float64Array(items(shape) * n);
      for (let at = 0; at < data.length; at += n) data.set(centre, at);
      return { shape, data };
    },
  };
}
