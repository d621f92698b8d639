import { type Arrays, add, constant, dot, input, type NdArray, type Tensor, type Tensors } from "@recon/engine";
import { modelState } from "../../model-state.ts";
import { gradient } from "../../operators/gradient.ts";
import { parametersOf, parameterValues } from "../../operators/observation-graph.ts";
import type { Model } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { demandDerivative } from "../derivative.ts";
import { drawBatch, drawLike } from "../draw.ts";
import { demandNothingFromNothing } from "../empty-batch.ts";
import { type Batch, evaluateScalar, evaluateTensors, pickItems, relativeDifference } from "../evaluate.ts";
import { demand, demandClose, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";
import { demandEqual, demandFinite, demandJson } from "../snapshot.ts";

export interface ModelLawOptions extends Repetition {
  /** Items in the larger batch. */
  readonly batch?: number;
  /** The pass that is tried; eval unless said. A model whose layers differ between the two wants a test of each. */
  readonly mode?: "train" | "eval";
  /** The items of a batch touch one another, as batch normalisation in train mode makes them; false unless said. */
  readonly mixesSamples?: boolean;
  /** Largest relative difference from finite differences. */
  readonly tolerance?: number;
  /** Number of weights, when it is known. */
  readonly parameters?: number;
  /** Inputs of a batch; standard normal unless said, which names from a list are not. */
  readonly input?: (batch: number, rng: Rng) => NdArray;
}

type ModelLaw = Law<Model, ModelLawOptions>;

type Mode = "train" | "eval";

function outputs(model: Model, params: Arrays, batch: Batch, mode: Mode): Arrays {
  const at = { ...parameterValues(params), ...batch };
  return evaluateTensors(
    (x) => ({ output: model.forward(parametersOf(model, x), { input: x.input!, target: x.target! }, mode) }),
    at,
  );
}

function lossOf(model: Model, mode: Mode): (x: Tensors) => Tensor {
  return (x) => {
    const data = { input: x.input!, target: x.target! };
    return model.loss(model.forward(parametersOf(model, x), data, mode), data);
  };
}

function drawCase(
  model: Model,
  size: number,
  rng: Rng,
  { input: drawn }: Pick<ModelLawOptions, "input">,
): { params: Arrays; batch: Batch } {
  const batch = drawBatch(model, size, rng.split("batch"));
  const own = drawn && { input: drawn(size, rng.split("input")) };
  return { params: model.init(rng.split("weights")), batch: { ...batch, ...own } };
}

/** What the gradient is differentiated by: the input, or the parameters where the input is names that nothing lies between. */
function movable(model: Model): readonly string[] {
  if (model.input.discrete !== true) return ["input"];
  return Object.keys(model.parameters).map((name) => `parameter ${name}`);
}

const shapes: ModelLaw = {
  name: "weights and outputs have the declared shapes, for batches of one and of many",
  check: async (make, options, rng) => {
    const { batch = 3, parameters, mode = "eval" } = options;
    const model = make();
    const state = modelState(model);
    const shared = Object.keys(model.buffers ?? {}).find((name) => Object.hasOwn(model.parameters, name));
    demand(shared === undefined, `"${shared}" is both a parameter and a buffer.`);
    const params = model.init(rng.split("weights"));
    demandFinite(params, "The initial weights");
    demand(
      Object.keys(params).sort().join() === Object.keys(state).sort().join(),
      "The weights are not the parameters and buffers that the model declares.",
    );
    for (const [name, { shape }] of Object.entries(state)) {
      demand(
        params[name]!.shape.join() === shape.join(),
        `"${name}" has shape [${params[name]!.shape}], declared [${shape}].`,
      );
    }
    const count = Object.keys(model.parameters).reduce((total, name) => total + params[name]!.data.length, 0);
    demand(parameters === undefined || count === parameters, `The model has ${count} weights, not ${parameters}.`);
    for (const size of [1, batch]) {
      const seen = outputs(model, params, drawCase(model, size, rng, options).batch, mode);
      demandFinite(seen, "The output");
      const wanted = [size, ...model.target.shape].join();
      demand(
        seen.output!.shape.join() === wanted,
        `The output has shape [${seen.output!.shape}], declared [${wanted}].`,
      );
    }
  },
};

const first: ModelLaw = {
  name: "the gradient of the loss agrees with finite differences",
  check: async (make, options, rng) => {
    const { batch = 3, tolerance = 1e-6, mode = "eval" } = options;
    const model = make();
    const { params, batch: data } = drawCase(model, batch, rng, options);
    const at = { ...parameterValues(params), ...data };
    const by = Object.keys(at).filter((name) => name !== "input" || model.input.discrete !== true);
    demandDerivative(lossOf(model, mode), at, rng, { tolerance, by });
  },
};

const second: ModelLaw = {
  name: "the derivative of the gradient agrees with finite differences",
  check: async (make, options, rng) => {
    const { batch = 3, tolerance = 1e-6, mode = "eval" } = options;
    const model = make();
    const { params, batch: data } = drawCase(model, batch, rng, options);
    const weights = drawLike(model.parameters, rng.split("cotangent"));
    const paired = (x: Tensors): Tensor => {
      const seen = gradient({ mode }).observe(model, parametersOf(model, x), {
        input: x.input!,
        target: x.target!,
      });
      const terms = Object.entries(seen).map(([name, y]) => dot(y, constant(weights[name]!.data, y.shape)));
      return terms.reduce((a, b) => add(a, b));
    };
    demandDerivative(paired, { ...parameterValues(params), ...data }, rng, { tolerance, by: movable(model) });
  },
};

const itemwise: ModelLaw = {
  name: "equals its slow twin, one item at a time, unless it is said to mix them",
  check: async (make, options, rng) => {
    const { batch = 3, mode = "eval" } = options;
    const model = make();
    const { params, batch: data } = drawCase(model, batch, rng, options);
    const whole = outputs(model, params, data, mode).output!;
    const size = whole.data.length / batch;
    let loss = 0;
    let mixing = 0;
    for (let i = 0; i < batch; i++) {
      const item = pickItems(data, [i]);
      const alone = outputs(model, params, item, mode);
      const row = { output: { shape: alone.output!.shape, data: whole.data.slice(i * size, (i + 1) * size) } };
      const difference = relativeDifference(alone, row);
      mixing = Math.max(mixing, difference);
      if (options.mixesSamples === true) continue;
      demand(difference < 1e-12, `Item ${i} alone gives another output than in its batch: ${difference}.`);
      loss += evaluateScalar(lossOf(model, mode), { ...parameterValues(params), ...item }) / batch;
    }
    if (options.mixesSamples === true) {
      demand(mixing > 1e-12, "It is said to mix the items of a batch, but each gives the same output alone.");
      return;
    }
    const together = evaluateScalar(lossOf(model, mode), { ...parameterValues(params), ...data });
    demandClose(loss, together, 1e-12, 1e-12, "The mean of the items' losses and the loss of the batch");
  },
};

const pure: ModelLaw = {
  name: "deterministic under the seed, changes nothing it is given, and its options survive JSON",
  check: async (make, options, rng) => {
    const { batch = 3, mode = "eval" } = options;
    const model = make();
    const { params, batch: data } = drawCase(model, batch, rng, options);
    demandEqual(params, make().init(rng.split("weights")), "Equal seeds give different weights");
    demand(relativeDifference(params, model.init(rng.split("others"))) > 0, "Two seeds give the same weights.");
    demandEqual(
      outputs(model, params, data, mode),
      outputs(model, params, data, mode),
      "The same batch twice gives different outputs",
    );
    const declared = Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)] as const);
    const parameters = Object.freeze(Object.fromEntries(declared));
    const symbols = Object.freeze({
      input: input("input", data.input.shape),
      target: input("target", data.target.shape),
    });
    try {
      model.loss(model.forward(parameters, symbols, mode), symbols);
    } catch (error) {
      demand(
        !(error instanceof TypeError),
        `It writes to what it is given: ${error instanceof Error ? error.message : error}`,
      );
      throw error;
    }
    demandJson(model.options, `The model ${model.name}`);
  },
};

const empty: ModelLaw = {
  name: "a batch of none is a clear error, or gives finite numbers",
  check: async (make, options, rng) => {
    const { mode = "eval" } = options;
    const model = make();
    const none = ({ shape }: NdArray): NdArray => ({ shape: [0, ...shape.slice(1)], data: new Float64Array(0) });
    const { params, batch } = drawCase(model, 1, rng, options);
    const at = { ...parameterValues(params), input: none(batch.input), target: none(batch.target) };
    demandNothingFromNothing(() => evaluateTensors((x) => ({ loss: lossOf(model, mode)(x) }), at));
  },
};

/** What must hold of every model. */
export const modelLaws: readonly ModelLaw[] = [shapes, first, second, itemwise, empty, pure];
