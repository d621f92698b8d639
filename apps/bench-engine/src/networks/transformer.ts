import {
  add,
  gelu,
  layerNorm,
  linear,
  matmul,
  mul,
  reshape,
  slice,
  softmax,
  type Tensor,
  tanh,
  transpose,
} from "@recon/engine";
import { type Affine, classifier, type Declarations, declarations, type Network } from "../network.ts";

export interface TransformerOptions {
  readonly batch: number;
  readonly positions: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly layers: number;
}

const apply = (x: Tensor, { weight, bias }: Affine): Tensor => linear(x, weight, bias);

/** One layer with normalisation after each residual sum (Vaswani et al. 2017) and exact GELU. */
function encoderLayer(
  declared: Declarations,
  name: string,
  { width, heads, hidden }: TransformerOptions,
): (x: Tensor) => Tensor {
  const square = (part: string): Affine => declared.layer(`${name}.${part}`, [width, width]);
  const [query, key, value, output] = [square("query"), square("key"), square("value"), square("output")];
  const up = declared.layer(`${name}.up`, [hidden, width]);
  const down = declared.layer(`${name}.down`, [width, hidden]);
  const [first, second] = [declared.affine(`${name}.norm1`, width), declared.affine(`${name}.norm2`, width)];
  return (x) => {
    const [batch, positions] = x.shape as [number, number];
    const perHead = (layer: Affine): Tensor =>
      transpose(reshape(apply(x, layer), [batch, positions, heads, width / heads]), [0, 2, 1, 3]);
    const scores = mul(matmul(perHead(query), perHead(key), { transposeB: true }), 1 / Math.sqrt(width / heads));
    const mixed = transpose(matmul(softmax(scores), perHead(value)), [0, 2, 1, 3]);
    const h = layerNorm(add(x, apply(reshape(mixed, x.shape), output)), first);
    return layerNorm(add(h, apply(gelu(apply(h, up)), down)), second);
  };
}

/** The encoder of Devlin et al. 2019 on embeddings [B, T, H]: layers, tanh pooler on position 0, two classes. */
export function transformer(options: TransformerOptions): Network {
  const { batch, positions, width, layers } = options;
  const declared = declarations();
  const encoder = Array.from({ length: layers }, (_, i) => encoderLayer(declared, `layer${i + 1}`, options));
  const pooler = declared.layer("pooler", [width, width]);
  const head = declared.layer("head", [2, width]);
  return classifier(declared, [batch, positions, width], 2, (x) => {
    const h = encoder.reduce((state, layer) => layer(state), x);
    const first = reshape(slice(h, [0, 0, 0], [batch, 1, width]), [batch, width]);
    return apply(tanh(apply(first, pooler)), head);
  });
}
