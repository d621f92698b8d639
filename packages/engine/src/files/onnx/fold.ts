import { constant } from "../../ops/leaf.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";

/** Constants larger than this stay expressions: a mask of a few thousand positions is folded, a broadcast matrix is not. */
const largest = 2 ** 18;
/** Multiplications and reads that folding may spend on one file. */
const budget = 2 ** 26;

/** Products cost as many operations as operand and result together span; everything else about its size. */
const products = new Set(["matmul", "conv", "convInputGradient", "convFilterGradient"]);

/**
 * Makes a function that replaces whatever depends on constants alone by its value, so that shapes which a file computes are known at import.
 *
 * Work is bounded: what is too large or too costly stays an expression, which is right but not known.
 */
export function folder(): (x: Tensor) => Tensor {
  const settled = new Map<Tensor, Tensor>();
  let spent = 0;

  const settle = (node: Tensor): Tensor => {
    const inputs = node.inputs.map((input) => settled.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const renewed = same ? node : { ...node, inputs };
    if (inputs.length === 0 || inputs.some((input) => input.op.name !== "constant")) return renewed;
    const size = sizeOf(node.shape);
    const read = inputs.reduce((total, input) => total + sizeOf(input.shape), 0);
    const cost = products.has(node.op.name) ? size * read : size + read;
    if (size > largest || spent + cost > budget) return renewed;
    spent += cost;
    const values = renewed.op.evaluate(
      renewed,
      inputs.map((input) => input.attributes.value as Float64Array),
    );
    return constant(values, node.shape, node.dtype);
  };

  return (x) => {
    if (settled.has(x)) return settled.get(x)!;
    for (const node of unsettled(x, settled)) settled.set(node, settle(node));
    const result = settled.get(x)!;
    settled.set(result, result);
    return result;
  };
}

/** The nodes below x that are not settled yet, operands first. */
function unsettled(x: Tensor, settled: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const order: Tensor[] = [];
  const entered = new Set<Tensor>([x]);
  const stack: { node: Tensor; next: number }[] = [{ node: x, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const input = top.node.inputs[top.next++];
    if (input === undefined) {
      stack.pop();
      order.push(top.node);
    } else if (!settled.has(input) && !entered.has(input)) {
      entered.add(input);
      stack.push({ node: input, next: 0 });
    }
  }
  return order;
}
