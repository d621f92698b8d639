import { add, linear, matmul, mul, reshape, softmax, type Tensor, transpose } from "@recon/engine";

/** A linear map y = x Wᵀ + b, W [out, in], or with `turned` y = x W + b, W [in, out]. */
export interface Affine {
  readonly weight: Tensor;
  readonly bias?: Tensor | undefined;
  readonly turned?: boolean;
}

/** The map on the last axis of x. */
export function affine(x: Tensor, { weight, bias, turned = false }: Affine): Tensor {
  if (!turned) return linear(x, weight, bias);
  const product = matmul(x, weight);
  return bias === undefined ? product : add(product, bias);
}

export interface AttentionOptions {
  readonly heads: number;
  /** Added to the scores [B or 1, 1, T or 1, T]: 0 where a position may be looked at, very negative where not. */
  readonly mask: Tensor;
}

/**
 * Scaled dot-product attention of all heads: softmax(Q Kᵀ / √w + mask) V with w the width of a head; [B, T, H] each.
 *
 * @see Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1.
 */
export function attention(query: Tensor, key: Tensor, value: Tensor, { heads, mask }: AttentionOptions): Tensor {
  const [batch, positions, width] = query.shape as [number, number, number];
  const perHead = (x: Tensor): Tensor =>
    transpose(reshape(x, [batch, positions, heads, x.shape[2]! / heads]), [0, 2, 1, 3]);
  const scores = mul(matmul(perHead(query), perHead(key), { transposeB: true }), 1 / Math.sqrt(width / heads));
  const mixed = matmul(softmax(add(scores, mask)), perHead(value));
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, positions, value.shape[2]!]);
}
