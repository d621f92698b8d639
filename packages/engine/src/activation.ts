import { topologicalOrder } from "./graph.ts";
import { uniformValue } from "./ops/leaf.ts";
import { elementwise } from "./passes/elementwise.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** The elementwise function behind a layer; `identity` where none follows. */
export interface Activation {
  readonly name: "identity" | "relu" | "leakyRelu" | "sigmoid" | "tanh" | "softplus" | "elu" | "other";
  /** Slope on the negative side of a leaky ReLU. */
  readonly slope?: number;
}

/** The nodes that use a node. */
export type Consumers = (node: Tensor) => readonly Tensor[];

/** Activations that are one op each; the rest of an activation's description comes from the op's attributes. */
const named: Readonly<Record<string, (node: Tensor) => Activation>> = {
  relu: () => ({ name: "relu" }),
  leakyRelu: (node) => ({ name: "leakyRelu", slope: node.attributes.slope as number }),
  sigmoid: () => ({ name: "sigmoid" }),
  tanh: () => ({ name: "tanh" }),
  softplus: () => ({ name: "softplus" }),
};

const pointwise: ReadonlySet<string> = new Set([...elementwise, "sinh", "cosh", "atan"]);
/** Of two operands of which one depends on z, these make a straight line. */
const sums: ReadonlySet<string> = new Set(["add", "sub", "neg", "reshape"]);

/**
 * The activation behind a pre-activation z, and the node that holds its values.
 *
 * Grown from z: every node that is, entry by entry, a function of z and of fixed numbers that are the same for all entries. Of these, the last one through
 * which all uses of z pass is the output. A straight line a z + c is no activation, so a scale on the way to a loss is not taken for one.
 */
export function activationOf(z: Tensor, consumersOf: Consumers): { activation: Activation; output: Tensor } {
  const region = functionsOf(z, consumersOf);
  const output = lastOnAllPaths(z, region, consumersOf);
  const between = pathNodes(output, region);
  if (between.some((node) => !isStraight(node, region))) return { activation: describe(output, z), output };
  // A nonlinear function of z beside other uses of z bends the net as well, but is not the layer's one activation.
  const bent = [...region].some((node) => !isStraight(node, region));
  return { activation: { name: bent ? "other" : "identity" }, output: z };
}

/** z and the nodes that are elementwise functions of it alone, every node after its inputs. */
function functionsOf(z: Tensor, consumersOf: Consumers): Set<Tensor> {
  const region = new Set([z]);
  for (const node of region) {
    for (const user of consumersOf(node)) {
      const pure =
        (pointwise.has(user.op.name) || user.op.name === "reshape") &&
        sizeOf(user.shape) === sizeOf(z.shape) &&
        user.inputs.every((operand) => region.has(operand) || uniformValue(operand) !== undefined);
      if (pure) region.add(user);
    }
  }
  return region;
}

/** The last node of the region, reshapes aside, that every path from z to what lies behind the region passes through; z itself where there is no other. */
function lastOnAllPaths(z: Tensor, region: ReadonlySet<Tensor>, consumersOf: Consumers): Tensor {
  let last = z;
  for (const node of topologicalOrder(region)) {
    if (!region.has(node) || node.op.name === "reshape" || node.dtype !== "float") continue;
    const before = new Set(pathNodes(node, region));
    const inside = [...before].filter((x) => x !== node);
    if (inside.every((x) => consumersOf(x).every((user) => before.has(user)))) last = node;
  }
  return last;
}

/** The nodes of the region that a node depends on, itself included, every node after its inputs. */
const pathNodes = (node: Tensor, region: ReadonlySet<Tensor>): Tensor[] =>
  topologicalOrder([node]).filter((x) => region.has(x));

/** Whether a node of the region is a straight line in its one operand from the region. */
function isStraight(node: Tensor, region: ReadonlySet<Tensor>): boolean {
  const operands = node.inputs.filter((operand) => region.has(operand));
  if (operands.length === 0 || sums.has(node.op.name)) return true;
  if (operands.length > 1) return false;
  return node.op.name === "mul" || (node.op.name === "div" && operands[0] === node.inputs[0]);
}

function describe(output: Tensor, z: Tensor): Activation {
  const behind = output.inputs.length === 1 ? withoutReshapes(output.inputs[0]!) : undefined;
  const known = behind === withoutReshapes(z) ? named[output.op.name] : undefined;
  if (known !== undefined) return known(output);
  return { name: isElu(output, z) ? "elu" : "other" };
}

function withoutReshapes(node: Tensor): Tensor {
  return node.op.name === "reshape" ? withoutReshapes(node.inputs[0]!) : node;
}

/** select(z > 0, z, eᶻ − 1), the exponential linear unit with a = 1. */
function isElu(node: Tensor, z: Tensor): boolean {
  const [condition, positive, negative] = node.inputs;
  if (node.op.name !== "select" || positive !== z || condition?.op.name !== "greater" || condition.inputs[0] !== z)
    return false;
  if (negative === undefined) return false;
  const scaled = negative.op.name === "mul" && uniformValue(negative.inputs[1]!) === 1 ? negative.inputs[0]! : negative;
  return (
    scaled.op.name === "sub" &&
    scaled.inputs[0]!.op.name === "exp" &&
    uniformValue(scaled.inputs[1]!) === 1 &&
    topologicalOrder([scaled]).includes(z)
  );
}
