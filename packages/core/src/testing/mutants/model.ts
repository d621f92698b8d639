import { add, mean, mul, type Op, square, sub, sum, type Tensor } from "@recon/engine";
import type { Model } from "../../problem.ts";
import { referenceModel } from "../reference-model.ts";
import type { Mutant } from "./mutant.ts";

/** Changes the output of the reference model. */
function changed(change: (output: Tensor) => Tensor): () => Model {
  const right = referenceModel();
  return () => ({ ...right, forward: (p, data, mode) => change(right.forward(p, data, mode)) });
}

const factorTwo: Op = {
  name: "identity with twice the derivative",
  vjp: (_node, cotangent) => [mul(cotangent, 2)],
  evaluate: (_node, [x]) => x!,
  lower: (_node, [x]) => x!,
};

/** x² with a right first derivative that is wrong itself: 2x is taken for a constant. */
const squareOnce: Op = {
  name: "square with a constant derivative",
  vjp: (node, cotangent) => [mul(mul(cotangent, constantTwin(node.inputs[0]!)), 2)],
  evaluate: (_node, [x]) => x!.map((value) => value * value),
  lower: (_node, [x], emit) => emit.node("Mul", [x!, x!]),
};

const still: Op = {
  name: "constant twin",
  vjp: () => [null],
  evaluate: (_node, [x]) => x!,
  lower: (_node, [x]) => x!,
};

function constantTwin(x: Tensor): Tensor {
  return { op: still, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype };
}

let calls = 0;

/** Models that are wrong on purpose, each with the law that catches it. */
export const modelMutants: readonly Mutant<Model>[] = [
  {
    name: "declares one class more than it has",
    law: "weights and outputs have the declared shapes, for batches of one and of many",
    make: () => ({ ...referenceModel(), target: { shape: [4], kind: "distribution" } }),
  },
  {
    name: "declares a buffer that it gives no value",
    law: "weights and outputs have the declared shapes, for batches of one and of many",
    make: () => ({ ...referenceModel(), buffers: { average: { shape: [5] } } }),
  },
  {
    name: "declares a parameter as a buffer too",
    law: "weights and outputs have the declared shapes, for batches of one and of many",
    make: () => ({ ...referenceModel(), buffers: { b1: { shape: [4] } } }),
  },
  {
    name: "off by two in the first derivative",
    law: "the gradient of the loss agrees with finite differences",
    make: changed((x) => ({ op: factorTwo, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype })),
  },
  {
    name: "right in the first derivative, wrong in the second",
    law: "the derivative of the gradient agrees with finite differences",
    make: changed((x) => add(x, { op: squareOnce, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype })),
  },
  {
    name: "mixes the batch: normalises by its statistics",
    law: "equals its slow twin, one item at a time, unless it is said to mix them",
    make: changed((x) => sub(x, mul(mean(x, [0], true), 0.5))),
  },
  {
    name: "sums the loss and calls it a mean",
    law: "equals its slow twin, one item at a time, unless it is said to mix them",
    make: () => {
      const right = referenceModel();
      return { ...right, loss: (output, data) => mul(right.loss(output, data), output.shape[0]!) };
    },
  },
  {
    name: "divides by the items of no batch",
    law: "a batch of none is a clear error, or gives finite numbers",
    make: () => {
      const right = referenceModel();
      const loss: Model["loss"] = (output, data) => mul(sum(square(sub(output, data.target!))), 1 / output.shape[0]!);
      return { ...right, loss };
    },
  },
  {
    name: "other weights every time",
    law: "deterministic under the seed, changes nothing it is given, and its options survive JSON",
    make: () => {
      const right = referenceModel();
      return {
        ...right,
        init: (rng) => {
          calls++;
          return right.init(rng.split(`${calls}`));
        },
      };
    },
  },
  {
    name: "the same weights for every seed",
    law: "deterministic under the seed, changes nothing it is given, and its options survive JSON",
    make: () => {
      const right = referenceModel();
      const zeros = (): ReturnType<Model["init"]> =>
        Object.fromEntries(
          Object.entries(right.parameters).map(([name, { shape }]) => [
            name,
            { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)).fill(0.1) },
          ]),
        );
      return { ...right, init: zeros };
    },
  },
  {
    name: "writes an extra tensor into its data",
    law: "deterministic under the seed, changes nothing it is given, and its options survive JSON",
    make: () => {
      const right = referenceModel();
      return {
        ...right,
        forward: (p, data, mode) => {
          (data as Record<string, Tensor>).squared = square(data.input!);
          return right.forward(p, data, mode);
        },
      };
    },
  },
];
