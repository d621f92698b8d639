import { activationDerivatives, type LinearLayer, type Tensor, topologicalOrder } from "@recon/engine";
import type { Problem } from "../problem.ts";
import { type TracedModel, traceModel } from "./model-layers.ts";

/** Two linear layers with an activation between them, of which the first takes the data. */
export interface TwoLayers {
  readonly first: LinearLayer;
  readonly second: LinearLayer;
}

/** The block that the data enters, or why a net does not begin with one. */
export function firstTwoLayers({ model }: Problem): TwoLayers | { readonly reason: string } {
  const traced = traceModel(model);
  const [first] = traced.layers.filter((layer) => withoutReshapes(layer.input) === traced.input);
  if (first?.kind !== "linear") return { reason: "the data does not enter a linear layer first" };
  if (first.input.shape[0] !== 1)
    return { reason: `layer ${first.weight} is applied at several positions of a sample` };
  if (first.activation.name === "identity") {
    return { reason: `no activation follows layer ${first.weight}, so its gradient shows only sums over the batch` };
  }
  if (activationDerivatives(first, 0, 1) === undefined) {
    return { reason: `what follows layer ${first.weight} is not one function of each of its outputs` };
  }
  const second = traced.layers.find((layer) => withoutReshapes(layer.input) === withoutReshapes(first.output));
  if (second?.kind !== "linear" || !onlyUse(traced, first.output, second.input)) {
    return { reason: `the activation behind layer ${first.weight} does not go into one linear layer alone` };
  }
  return { first, second };
}

/** Whether all paths from h to the output lead through reshapes into one product whose first operand is `into`. */
function onlyUse({ output }: TracedModel, h: Tensor, into: Tensor): boolean {
  const reshapes = new Set([h, withoutReshapes(h)]);
  let products = 0;
  for (const node of topologicalOrder([output])) {
    if (!node.inputs.some((operand) => reshapes.has(operand))) continue;
    if (node.op.name === "reshape") reshapes.add(node);
    else if (node.op.name === "matmul" && node.inputs[0] === into) products++;
    else if (!reshapes.has(node)) return false;
  }
  return products === 1;
}

function withoutReshapes(x: Tensor): Tensor {
  return x.op.name === "reshape" ? withoutReshapes(x.inputs[0]!) : x;
}
