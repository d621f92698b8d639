import { add, matmul, relu, type Shape, type Tensor, type Tensors } from "@recon/engine";

/** Free variables of one digit. */
export const latentSize = 16;

/** Hidden units, of encoder and decoder. */
export const hiddenSize = 256;

/** Pixels of a digit. */
export const pixelCount = 784;

/** Shapes of the decoder's weights. */
export const decoderShapes: Readonly<Record<string, Shape>> = {
  "decoder 1.weight": [hiddenSize, latentSize],
  "decoder 1.bias": [hiddenSize],
  "decoder 2.weight": [pixelCount, hiddenSize],
  "decoder 2.bias": [pixelCount],
};

/** Logits of the pixels [B, 784] of z [B, 16]. */
export function decodeLogits(z: Tensor, weights: Tensors): Tensor {
  return layer("decoder 2", relu(layer("decoder 1", z, weights)), weights);
}

/** W x + b for rows x. */
export function layer(name: string, x: Tensor, weights: Tensors): Tensor {
  return add(matmul(x, weights[`${name}.weight`]!, { transposeB: true }), weights[`${name}.bias`]!);
}
