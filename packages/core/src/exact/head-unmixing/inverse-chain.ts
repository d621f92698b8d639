import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { RecursionLayer } from "../recursion/recursion.ts";
import { type InverseLayerOptions, inverseLayer } from "./inverse-layer.ts";

/** How far back through a chain of layers every sample could be followed. */
export interface ChainInputs {
  /** Inputs of the earliest layer that was reached [B, ...]; the outputs themselves where none was. */
  readonly inputs: Matrix;
  /** Number of layers behind `inputs`, counted from the end of the chain. */
  readonly inverted: number;
  /** Lower bound of σ_min of the outputs by these inputs; 1 where no layer was inverted. */
  readonly gain: number;
  /** Largest relative misfit of a layer. */
  readonly residual: number;
  /** Why it went no further; absent where the whole chain was inverted. */
  readonly stopped?: string;
}

/**
 * The inputs of a chain of layers from its outputs, layer by layer from the end, for every sample on its own (`inverseLayer`).
 *
 * @param layers in the order in which data passes through them.
 * @param outputs H [B, outputs of the last layer], behind its activation.
 */
export async function inverseChain(
  layers: readonly RecursionLayer[],
  outputs: Matrix,
  options: InverseLayerOptions = {},
): Promise<ChainInputs> {
  let reached: ChainInputs = { inputs: outputs, inverted: 0, gain: 1, residual: 0 };
  for (const layer of [...layers].reverse()) {
    const { value, residual, reason } = await inverseLayer(layer, reached.inputs, options);
    if (value === undefined) return { ...reached, stopped: reason };
    reached = {
      inputs: value.inputs,
      inverted: reached.inverted + 1,
      gain: reached.gain * value.gain,
      residual: Math.max(reached.residual, residual),
    };
  }
  return reached;
}
