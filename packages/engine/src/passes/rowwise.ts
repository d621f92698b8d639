/** Ops that treat the elements along the first axis independently, so that many small nodes are one tall one. */
import { matmul } from "../ops/matmul.ts";
import { broadcastTo } from "../ops/shape.ts";
import { concat, pad, slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor.ts";
import { elementwise } from "./elementwise.ts";

/** How one node of several can be computed with the others: which operands are stacked, and the node on the stacked ones. */
export interface Rowwise {
  /** Operands that have rows; the others are the same for all. */
  readonly stacked: readonly boolean[];
  readonly apply: (operands: readonly Tensor[]) => Tensor;
}

const numbers = (node: Tensor, name: string): readonly number[] => node.attributes[name] as readonly number[];

/** Whether an operand of an elementwise node has the node's rows; undefined where it is repeated along them in a way that stacking would break. */
function hasRows(node: Tensor, operand: Tensor): boolean | undefined {
  if (operand.shape.length < node.shape.length) return false;
  if (operand.shape[0] === node.shape[0]) return true;
  return undefined;
}

/** How a node works row by row, or undefined where it does not. */
export function rowwise(node: Tensor): Rowwise | undefined {
  const rank = node.shape.length;
  if (rank === 0) return undefined;
  const first = node.inputs[0]!;
  if (elementwise.has(node.op.name)) {
    const stacked = node.inputs.map((operand) => hasRows(node, operand));
    // A stack of repeated rows would need its own repetition.
    if (stacked.includes(undefined) || !stacked.includes(true)) return undefined;
    return {
      stacked: stacked as boolean[],
      apply: (operands) => {
        const rows = operands.find((_, i) => stacked[i])!.shape[0]!;
        return { ...node, inputs: operands, shape: [rows, ...node.shape.slice(1)] };
      },
    };
  }
  if (node.op.name === "matmul" && rank === 2 && first.shape.length === 2 && node.attributes.transposeA === false) {
    const transposeB = node.attributes.transposeB === true;
    return { stacked: [true, false], apply: ([a, b]) => matmul(a!, b!, { transposeB }) };
  }
  if (node.op.name === "slice" && rank > 1 && first.shape[0] === node.shape[0]) {
    return {
      stacked: [true],
      apply: ([x]) => slice(x!, numbers(node, "starts"), [x!.shape[0]!, ...node.shape.slice(1)]),
    };
  }
  if (node.op.name === "pad" && rank > 1 && first.shape[0] === node.shape[0]) {
    const before = numbers(node, "before");
    const after = before.map((start, axis) => node.shape[axis]! - first.shape[axis]! - start);
    return { stacked: [true], apply: ([x]) => pad(x!, before, after) };
  }
  if (node.op.name === "concat" && (node.attributes.axis as number) > 0) {
    return {
      stacked: node.inputs.map(() => true),
      apply: (parts) => {
        // A part that is one and the same row for all arrives as that row: only elementwise nodes repeat it by themselves.
        const rows = Math.max(...parts.map((part) => part.shape[0]!));
        const whole = parts.map((part) =>
          part.shape[0] === rows ? part : broadcastTo(part, [rows, ...part.shape.slice(1)]),
        );
        return concat(whole, node.attributes.axis as number);
      },
    };
  }
  return undefined;
}

/** What nodes must share to be stacked: op, attributes, extents behind the first axis and operands that are the same for all. */
export function stackingKey(node: Tensor, { stacked }: Rowwise, idOf: (node: Tensor) => number): string {
  const operands = node.inputs.map((operand, i) => (stacked[i] ? `[${operand.shape.slice(1)}]` : `%${idOf(operand)}`));
  const attributes = Object.entries(node.attributes).map(([name, value]) =>
    value instanceof Float64Array ? "" : `${name}=${JSON.stringify(value)}`,
  );
  return `${node.op.name}(${operands})${attributes}:${node.dtype}${node.shape.length}`;
}
