/** The first layer whose [dW | db] was tested, and what lies between it and the loss. */
export interface RankBoundInput {
  /** Width d of what goes into the layer. */
  readonly inputs: number;
  /** Width m of the layer itself. */
  readonly outputs: number;
  /** Widths of the layers behind it, the net's outputs last; none when the layer is the head. */
  readonly laterWidths: readonly number[];
  readonly loss: "softmax" | "squared" | "other";
  /** Whether every activation from this layer to the output is piecewise linear (ReLU, leaky ReLU, none): true for a head. */
  readonly piecewiseLinear: boolean;
}

/** The ranks that the back-propagated errors of many samples could have had. */
export interface RankBound {
  /** Of all samples together, with the column of ones that the bias adds to the inputs. */
  readonly total: number;
  /** Of samples that share an activation pattern; absent where no activation is piecewise linear. */
  readonly perPattern?: number;
}

/**
 * The rank that [dW | db] could have had if the batch were large enough. Only a rank strictly below it says how many samples there were.
 *
 *     total = min(m, d + 1);  for a head: min(K − 1, d + 1) under softmax, min(T, d + 1) under squared error
 *     per activation pattern: the smallest later width, where the last counts K − 1 or T
 */
export function rankBound({ inputs, outputs, laterWidths, loss, piecewiseLinear }: RankBoundInput): RankBound {
  // The residuals of a softmax sum to zero, which costs one dimension.
  const free = (width: number): number => (loss === "softmax" ? width - 1 : width);
  if (laterWidths.length === 0) {
    const bound = Math.min(free(outputs), inputs + 1);
    return { total: bound, perPattern: bound };
  }
  const total = Math.min(outputs, inputs + 1);
  if (!piecewiseLinear) return { total };
  return { total, perPattern: Math.min(...laterWidths.slice(0, -1), free(laterWidths.at(-1)!)) };
}
