import { type Arrays, type NdArray, type Shape, sizeOf } from "@recon/engine";
import { composeDefences } from "../defences/compose.ts";
import { gradient } from "../operators/gradient.ts";
import type { Defence, Domain, Knowledge, Model, Operator, Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import { drawBatch } from "./draw.ts";
import { type Batch, observeBatch } from "./evaluate.ts";
import { referenceModel } from "./reference-model.ts";

/** A problem together with what the victim hid. Only laws hold both. */
export interface PlantedCase {
  readonly problem: Problem;
  readonly truth: Batch;
}

export interface PlantedCaseOptions {
  readonly model?: Model;
  readonly operator?: Operator;
  readonly defences?: readonly Defence[];
  readonly batch?: number;
  readonly precision?: "float32" | "float64";
  /** What the attacker is told besides architecture, weights and loss; `labels` is filled in with the truth's. */
  readonly known?: Knowledge;
  readonly labels?: boolean;
  /** Weights instead of drawn ones. */
  readonly params?: Arrays;
}

/** Plays the victim with the reference interpreter: draws weights and a batch, observes, and hands out the problem. */
export function plantCase(rng: Rng, options: PlantedCaseOptions = {}): PlantedCase {
  const { model = referenceModel(), operator = gradient(), defences = [], batch = 1, precision = "float64" } = options;
  const params = options.params ?? model.init(rng.split("weights"));
  const truth = drawBatch(model, batch, rng.split("batch"));
  const clean = observeBatch(operator, model, params, truth);
  const precise = precision === "float32" ? rounded(clean) : clean;
  const observation = composeDefences(defences).channel?.apply(precise, rng.split("channel")) ?? precise;
  const knowledge: Knowledge = {
    architecture: true,
    weights: true,
    lossKind: model.lossKind,
    lossReduction: model.lossReduction ?? "mean",
    ...(options.labels === true ? { labels: copyOf(truth.target) } : {}),
    ...options.known,
  };
  const domain = referenceDomain(model.input.shape);
  return {
    problem: { model, params, operator, defences, observation, observationPrecision: precision, knowledge, domain },
    truth,
  };
}

/** A domain of real numbers in a wide box, shown as nothing. */
export function referenceDomain(shape: Shape): Domain {
  const filled = (value: number): NdArray => ({ shape, data: new Float64Array(sizeOf(shape)).fill(value) });
  return {
    name: "reference",
    options: {},
    lower: filled(-10),
    upper: filled(10),
    metrics: [],
    blind: (itemShape) => ({ shape: itemShape, data: new Float64Array(sizeOf(itemShape)) }),
    render: async () => [],
  };
}

function rounded(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

function copyOf({ shape, data }: NdArray): NdArray {
  return { shape, data: data.slice() };
}
