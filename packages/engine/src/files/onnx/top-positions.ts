import type { Op, Tensor } from "../../tensor.ts";

const topPositionsOp: Op = {
  name: "topPositions",
  vjp: () => [null],
  jvp: () => null,
  evaluate: (node, [x]) => {
    const [width, count] = [node.inputs[0]!.shape.at(-1)!, node.shape.at(-1)!];
    const result: number[] = [];
    for (let start = 0; start < x!.length; start += width) {
      const order = Array.from({ length: width }, (_, i) => i).sort((i, j) => x![start + j]! - x![start + i]! || i - j);
      for (const position of order.slice(0, count)) result.push(position);
    }
    return Float64Array.from(result);
  },
  lower: (node, [x], emit) =>
    emit.node("TopK", [x!, emit.ints([node.shape.at(-1)!])], { axis: { int: -1 } }, { index: 1, of: 2 }),
};

/**
 * Positions of the `count` largest elements along the last axis, largest first, of equals the first; as int, and their derivative is zero by
 * rule. What is read at them by `gatherElements` has one.
 */
export function topPositions(x: Tensor, count: number): Tensor {
  return {
    op: topPositionsOp,
    inputs: [x],
    attributes: {},
    shape: [...x.shape.slice(0, -1), count],
    dtype: "int",
  };
}
