import { add, constant, input, mean, mul, type Op, sub, sum, type Tensor, type Tensors } from "@recon/engine";
import { gradient } from "../../operators/gradient.ts";
import type { Model, Operator } from "../../problem.ts";
import type { Mutant } from "./mutant.ts";

/** Changes what the gradient operator observes. */
function changed(change: (observed: Tensors, data: Tensors) => Tensors): () => Operator {
  const right = gradient();
  return () => ({
    ...right,
    observe: (model, parameters, data) => change(right.observe(model, parameters, data), data),
  });
}

function mapTensors(tensors: Tensors, f: (x: Tensor) => Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, f(x)]));
}

/** The identity with a wrong derivative: `wrong` of the cotangent instead of the cotangent. */
function identityWith(wrong: (cotangent: Tensor) => Tensor): (x: Tensor) => Tensor {
  const op: Op = {
    name: "identity with a wrong derivative",
    vjp: (_node, cotangent) => [wrong(cotangent)],
    evaluate: (_node, [x]) => x!,
    lower: (_node, [x]) => x!,
  };
  return (x) => ({ op, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype });
}

/** F(x) = mean over the batch of x, the plainest linear operator. */
export function meanInput(): Operator {
  return {
    name: "mean input",
    options: {},
    observe: (_model: Model, _parameters, data) => ({ mean: mean(data.input!, [0]) }),
  };
}

let calls = 0;

/** Operators that are wrong on purpose, each with the law that catches it. */
export const operatorMutants: readonly Mutant<Operator>[] = [
  {
    name: "observes more of a larger batch",
    law: "observes finite tensors under the same names and shapes for a batch of one and of many",
    make: changed((observed, data) => ({ ...observed, leaked: data.input! })),
  },
  {
    name: "off by two: the derivative of a square without its factor",
    law: "the vector-Jacobian product agrees with finite differences",
    make: changed((observed) => mapTensors(observed, (x) => mul(x, identityWith((c) => mul(c, 0))(x)))),
  },
  {
    name: "not its own adjoint: the derivative has the wrong sign",
    law: "a linear operator superposes, and its transpose is its adjoint",
    make: () => ({
      ...meanInput(),
      observe: (_m, _p, data) => ({ mean: identityWith((c) => mul(c, -1))(mean(data.input!, [0])) }),
    }),
  },
  {
    name: "affine, but says linear",
    law: "a linear operator superposes, and its transpose is its adjoint",
    make: () => ({ ...meanInput(), observe: (_m, _p, data) => ({ mean: add(mean(data.input!, [0]), 1) }) }),
  },
  {
    name: "weighs items by their place in the batch",
    law: "the order of the batch does not matter",
    make: () => {
      const right = gradient();
      const ramp = (batch: number): Tensor =>
        constant(
          Float64Array.from({ length: batch }, (_, i) => 1 + 0.1 * i),
          [batch, 1],
        );
      return {
        ...right,
        observe: (model, parameters, data) =>
          right.observe(model, parameters, { ...data, input: mul(data.input!, ramp(data.input!.shape[0]!)) }),
      };
    },
  },
  {
    name: "mixes the batch: centres inputs by the batch's mean",
    law: "a batch is the declared reduction of its items, each taken alone",
    make: () => {
      const right = gradient();
      return {
        ...right,
        observe: (model, parameters, data) =>
          right.observe(model, parameters, {
            ...data,
            input: sub(data.input!, mul(mean(data.input!, [0], true), 0.1)),
          }),
      };
    },
  },
  {
    name: "divides by the items of no batch",
    law: "a batch of none is a clear error, or gives finite numbers",
    make: () => ({
      ...meanInput(),
      observe: (_model, _parameters, data) => ({ mean: mul(sum(data.input!, [0]), 1 / data.input!.shape[0]!) }),
    }),
  },
  {
    name: "observes something else every time",
    law: "deterministic, changes nothing it is given, and its options survive JSON",
    make: changed((observed) => {
      calls++;
      return mapTensors(observed, (x) => mul(x, 1 + 1e-6 * calls));
    }),
  },
  {
    name: "writes into the parameters it is given",
    law: "deterministic, changes nothing it is given, and its options survive JSON",
    make: () => {
      const right = gradient();
      return {
        ...right,
        observe: (model, parameters, data) => {
          const [first] = Object.keys(parameters);
          (parameters as Record<string, Tensor>)[first!] = input(first!, parameters[first!]!.shape);
          return right.observe(model, parameters, data);
        },
      };
    },
  },
  {
    name: "has options that JSON loses",
    law: "deterministic, changes nothing it is given, and its options survive JSON",
    make: () => ({ ...gradient(), options: { rate: Number.NaN } }),
  },
];
