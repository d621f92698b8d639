import type { RecurrentWeights, Tensor, Tensors } from "@recon/engine";
import type { InitialArray } from "./forecaster.ts";

export interface RecurrentLayersOptions {
  /** What the names of the arrays begin with. */
  readonly name: string;
  /** Blocks of H rows in each array. */
  readonly gates: number;
  readonly columns: number;
  readonly hidden: number;
  readonly layers: number;
}

/** Recurrent layers one on top of the other. */
export interface RecurrentLayers {
  readonly parameters: Readonly<Record<string, InitialArray>>;
  /** The state of the top layer after the last step [B, H], with `cell` as one layer from x [B, T, I] to its states. */
  last(
    x: Tensor,
    state: Tensors,
    cell: (x: Tensor, weights: RecurrentWeights) => { readonly outputs: Tensor; readonly last: Tensor },
  ): Tensor;
}

/**
 * The arrays of stacked recurrent layers as PyTorch names and draws them: `weight_ih_l0` [G H, F], `weight_hh_l0` [G H, H] and both biases, all U(±1/√H).
 *
 * Every layer above the first reads the states of the one below.
 */
export function recurrentLayers({ name, gates, columns, hidden, layers }: RecurrentLayersOptions): RecurrentLayers {
  const bound = 1 / Math.sqrt(hidden);
  const rows = gates * hidden;
  const key = (kind: string, layer: number): string => `${name}.${kind}_l${layer}`;
  const depths = Array.from({ length: layers }, (_, layer) => layer);
  return {
    parameters: Object.fromEntries(
      depths.flatMap((layer): [string, InitialArray][] => [
        [key("weight_ih", layer), { shape: [rows, layer === 0 ? columns : hidden], bound }],
        [key("weight_hh", layer), { shape: [rows, hidden], bound }],
        [key("bias_ih", layer), { shape: [rows], bound }],
        [key("bias_hh", layer), { shape: [rows], bound }],
      ]),
    ),
    last: (x, state, cell) => {
      const weightsOf = (layer: number): RecurrentWeights => ({
        input: state[key("weight_ih", layer)]!,
        hidden: state[key("weight_hh", layer)]!,
        inputBias: state[key("bias_ih", layer)]!,
        hiddenBias: state[key("bias_hh", layer)]!,
      });
      const below = depths.slice(1).reduce((inputs, layer) => cell(inputs, weightsOf(layer - 1)).outputs, x);
      return cell(below, weightsOf(layers - 1)).last;
    },
  };
}
