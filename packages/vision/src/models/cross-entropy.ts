import { logSoftmax, mean, mul, neg, sum, type Tensor } from "@recon/engine";

/**
 * Mean cross-entropy of logits [B, K] against distributions over the classes [B, K]:
 *
 *     ℓ = −(1/B) Σᵢ Σₖ yᵢₖ log softmax(zᵢ)ₖ
 */
export function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return neg(mean(sum(mul(target, logSoftmax(logits)), [1])));
}
