import {
  type Arrays,
  add,
  constant,
  dot,
  grad,
  graph,
  input,
  interpret,
  type NdArray,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { parameterInputs, parametersOf, parameterValues } from "../../operators/observation-graph.ts";
import type { Model, Operator } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { demandDerivative } from "../derivative.ts";
import { drawBatch, drawLike } from "../draw.ts";
import { demandNothingFromNothing } from "../empty-batch.ts";
import { type Batch, observeBatch, pickItems, relativeDifference } from "../evaluate.ts";
import { demand, demandClose, type Law } from "../law.ts";
import { referenceModel } from "../reference-model.ts";
import type { Repetition } from "../register.ts";
import { demandFinite, demandJson } from "../snapshot.ts";

export interface OperatorLawOptions extends Repetition {
  /** The victim the operator is tried on; a small smooth net unless said. Kinks spoil finite differences: use a smooth twin. */
  readonly model?: Model;
  /** Items in the larger batch. */
  readonly batch?: number;
  /** How the observation of a batch follows from those of its items, where it does. */
  readonly reduction?: "mean" | "sum" | "none";
  /** Whether the observation is the same for every order of the batch; true unless said. */
  readonly orderFree?: boolean;
  /** Whether the observation is linear in the inputs, parameters and targets being fixed. */
  readonly linear?: boolean;
  /** Largest relative difference from finite differences. */
  readonly tolerance?: number;
}

type OperatorLaw = Law<Operator, OperatorLawOptions>;

interface Case {
  readonly model: Model;
  readonly params: Arrays;
  readonly batch: Batch;
}

function drawCase({ model = referenceModel(), batch = 3 }: OperatorLawOptions, rng: Rng, size = batch): Case {
  return { model, params: model.init(rng.split("weights")), batch: drawBatch(model, size, rng.split("batch")) };
}

/** ⟨c, F(data)⟩ with drawn c: a scalar whose gradient is the operator's vector-Jacobian product. */
function paired(operator: Operator, model: Model, weights: Arrays): (x: Tensors) => Tensor {
  return (x) => {
    const observed = operator.observe(model, parametersOf(model, x), { input: x.input!, target: x.target! });
    const terms = Object.entries(observed).map(([name, y]) => dot(y, constant(weights[name]!.data, y.shape)));
    return terms.reduce((a, b) => add(a, b));
  };
}

const shapes: OperatorLaw = {
  name: "observes finite tensors under the same names and shapes for a batch of one and of many",
  check: async (make, options, rng) => {
    const one = drawCase(options, rng, 1);
    const many = drawCase(options, rng);
    const a = observeBatch(make(), one.model, one.params, one.batch);
    const b = observeBatch(make(), many.model, many.params, many.batch);
    demand(Object.keys(b).length > 0, "It observes nothing.");
    demandFinite(a, "The observation of a batch of one");
    demandFinite(b, "The observation of a batch");
    const describe = (arrays: Arrays): string =>
      Object.entries(arrays)
        .map(([name, { shape }]) => `${name} [${shape}]`)
        .join(", ");
    demand(describe(a) === describe(b), `It observes ${describe(a)} of one item and ${describe(b)} of many.`);
  },
};

const derivative: OperatorLaw = {
  name: "the vector-Jacobian product agrees with finite differences",
  check: async (make, options, rng) => {
    const { model, params, batch } = drawCase(options, rng);
    const weights = drawLike(observeBatch(make(), model, params, batch), rng.split("cotangent"));
    const at = { ...parameterValues(params), ...batch };
    const tolerance = { tolerance: options.tolerance ?? 1e-6 };
    demandDerivative(paired(make(), model, weights), at, rng, { ...tolerance, by: ["input"] });
    demandDerivative(paired(make(), model, weights), at, rng, tolerance);
  },
};

const orderFree: OperatorLaw = {
  name: "the order of the batch does not matter",
  check: async (make, options, rng) => {
    if (options.orderFree === false) return;
    const { model, params, batch } = drawCase(options, rng);
    const order = rng.permutation(batch.input.shape[0]!);
    // A drawn order may be the identity; its reverse is not.
    const orders = [order, [...order].reverse()];
    const observed = observeBatch(make(), model, params, batch);
    for (const other of orders) {
      const difference = relativeDifference(observed, observeBatch(make(), model, params, pickItems(batch, other)));
      demand(difference < 1e-12, `In order ${other.join(", ")} the observation differs by ${difference}.`);
    }
  },
};

const items: OperatorLaw = {
  name: "a batch is the declared reduction of its items, each taken alone",
  check: async (make, options, rng) => {
    const { reduction = "none" } = options;
    if (reduction === "none") return;
    const { model, params, batch } = drawCase(options, rng);
    const size = batch.input.shape[0]!;
    const total: Record<string, NdArray> = {};
    for (let i = 0; i < size; i++) {
      for (const [name, { shape, data }] of Object.entries(
        observeBatch(make(), model, params, pickItems(batch, [i])),
      )) {
        const factor = reduction === "mean" ? 1 / size : 1;
        const before = total[name]?.data;
        total[name] = { shape, data: Float64Array.from(data, (value, k) => (before?.[k] ?? 0) + factor * value) };
      }
    }
    const difference = relativeDifference(observeBatch(make(), model, params, batch), total);
    demand(difference < 1e-12, `The observation differs from the ${reduction} over its items by ${difference}.`);
  },
};

const linear: OperatorLaw = {
  name: "a linear operator superposes, and its transpose is its adjoint",
  check: async (make, options, rng) => {
    if (options.linear !== true) return;
    const { model, params, batch } = drawCase(options, rng);
    const other = drawBatch(model, batch.input.shape[0]!, rng.split("other")).input;
    const at = (x: ArrayLike<number>): Batch => ({
      ...batch,
      input: { shape: batch.input.shape, data: Float64Array.from(x) },
    });
    const observed = (x: ArrayLike<number>): Arrays => observeBatch(make(), model, params, at(x));
    const [a, b] = [rng.normal(), rng.normal()];
    const combined = observed(Array.from(batch.input.data, (value, i) => a * value + b * other.data[i]!));
    const [left, right] = [observed(batch.input.data), observed(other.data)];
    const expected = Object.fromEntries(
      Object.entries(left).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (v, i) => a * v + b * right[name]!.data[i]!) },
      ]),
    );
    const difference = relativeDifference(combined, expected);
    demand(difference < 1e-12, `F(a x + b x′) differs from a F(x) + b F(x′) by ${difference}.`);
    const weights = drawLike(left, rng.split("cotangent"));
    const transposed = transposeOf(make(), model, params, batch, weights);
    let ahead = 0;
    for (const [name, { data }] of Object.entries(left))
      data.forEach((v, i) => {
        ahead += v * weights[name]!.data[i]!;
      });
    let back = 0;
    batch.input.data.forEach((v, i) => {
      back += v * transposed.data[i]!;
    });
    demandClose(ahead, back, 1e-10, 1e-9, "⟨F x, c⟩ and ⟨x, Fᵀ c⟩");
  },
};

function transposeOf(operator: Operator, model: Model, params: Arrays, batch: Batch, weights: Arrays): NdArray {
  const x = {
    ...parameterInputs(model),
    input: input("input", batch.input.shape),
    target: input("target", batch.target.shape),
  };
  const [gradient] = grad(paired(operator, model, weights)(x), [x.input]);
  return interpret(graph(x, { gradient: gradient! }), { ...parameterValues(params), ...batch }).gradient!;
}

const pure: OperatorLaw = {
  name: "deterministic, changes nothing it is given, and its options survive JSON",
  check: async (make, options, rng) => {
    const { model, params, batch } = drawCase(options, rng);
    const operator = make();
    const parameters = Object.freeze(parametersOf(model, parameterInputs(model)));
    const data = Object.freeze({
      input: input("input", batch.input.shape),
      target: input("target", batch.target.shape),
    });
    const before = JSON.stringify([model.options, model.parameters]);
    try {
      operator.observe(model, parameters, data);
    } catch (error) {
      demand(
        !(error instanceof TypeError),
        `It writes to what it is given: ${error instanceof Error ? error.message : error}`,
      );
      throw error;
    }
    demand(JSON.stringify([model.options, model.parameters]) === before, "It changed the model.");
    const first = observeBatch(operator, model, params, batch);
    const difference = relativeDifference(first, observeBatch(operator, model, params, batch));
    demand(difference === 0, `Observing the same batch twice differs by ${difference}.`);
    demand(
      relativeDifference(first, observeBatch(make(), model, params, batch)) === 0,
      "Two equal operators observe different things.",
    );
    demandJson(operator.options, `The operator ${operator.name}`);
  },
};

const empty: OperatorLaw = {
  name: "a batch of none is a clear error, or gives finite numbers",
  check: async (make, options, rng) => {
    const { model, params, batch } = drawCase(options, rng, 1);
    demandNothingFromNothing(() => observeBatch(make(), model, params, pickItems(batch, [])));
  },
};

/** What must hold of every forward operator. */
export const operatorLaws: readonly OperatorLaw[] = [shapes, derivative, orderFree, items, linear, empty, pure];
