import { add, div, dot, mul, sqrt, sub, type Tensor } from "@recon/engine";

/**
 * Keeps 1/√ finite where a gradient is exactly zero: squared norms below this are as good as zero.
 * It is representable in float32, and lies far below any gradient that carries information.
 */
const tiny = 1e-30;

/** 1 − ⟨a, b⟩ / (‖a‖ ‖b‖) over lists of tensors taken as one vector; 1 where one of the two is zero. */
export function oneMinusCosine(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  const total = (parts: readonly Tensor[]): Tensor => parts.reduce((sum, part) => add(sum, part));
  const product = total(a.map((x, i) => dot(x, b[i]!)));
  const sizeA = sqrt(add(total(a.map((x) => dot(x, x))), tiny));
  const sizeB = sqrt(add(total(b.map((x) => dot(x, x))), tiny));
  return sub(1, div(product, mul(sizeA, sizeB)));
}
