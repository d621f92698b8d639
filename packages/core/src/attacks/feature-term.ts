import {
  add,
  constant,
  div,
  input,
  layersOf,
  mul,
  type NdArray,
  reshape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { assign } from "../judge/match.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { parametersOf } from "../operators/observation-graph.ts";
import type { Model } from "../problem.ts";

/** What is known of the samples' features, and how much it counts. */
export interface FeatureTerm {
  /** One row a sample, in any order, up to a factor each [B, F]; 0 where a feature is not known. */
  readonly values: Matrix;
  /** Weight of the mean of R_feat over the batch. */
  readonly weight: number;
  /** Evaluations after which rows are assigned to samples anew. */
  readonly every: number;
  /** Name of the weight of the layer that they enter; the last linear layer unless given. */
  readonly layer?: string;
  /** What features of any data have in common [F]: taken off the candidate's, as it was off `values`, so that angles show what is this sample's own. */
  readonly centre?: Float64Array;
}

const [rowsName, knownName] = ["known features", "known feature mask"];

/** Against 0 / 0 for a sample whose features vanish. */
const least = 1e-12;

/**
 * The penalty Σ_i R_feat / B with R_feat = 1 − (⟨f(x_i), z_i⟩ / (|f(x_i)| |z_i|))² on what enters a model's last linear layer or the given one, free of sign and scale.
 *
 * The rows z are inputs of the program, so that their assignment to samples may change between evaluations.
 *
 * @see Liu, Wang, Chen & Lei, "Data Reconstruction Attacks and Defenses: A Systematic Evaluation", AISTATS 2025.
 */
export function featureMisfit(
  model: Model,
  parameters: Tensors,
  data: Tensors,
  { values, weight, layer, centre }: FeatureTerm,
): { readonly penalty: Tensor; readonly candidate: Tensor; readonly inputs: Tensors } {
  const output = model.forward(parametersOf(model, parameters), data, "eval");
  const layers = layersOf(output);
  const entered = layer === undefined ? layers.at(-1)! : layers.find((one) => one.weight === `parameter ${layer}`)!;
  const shape = [values.rows, values.cols];
  const rows = input(rowsName, shape);
  const known = input(knownName, shape);
  const whole = reshape(entered.input, shape);
  const candidate = centre === undefined ? whole : sub(whole, constant(centre, [1, values.cols]));
  const seen = mul(candidate, known);
  const product = sum(mul(seen, rows), [1]);
  const sizes = add(mul(sum(square(seen), [1]), sum(square(rows), [1])), least);
  const cosines = div(square(product), sizes);
  const penalty = mul(sub(values.rows, sum(cosines)), weight / values.rows);
  return { penalty, candidate, inputs: { [rowsName]: rows, [knownName]: known } };
}

/** Keeps which row belongs to which sample of the candidate: the assignment of least Σ R_feat, found again every few evaluations, without the truth. */
export function featureAssignment({ values, every }: FeatureTerm): {
  values(): Readonly<Record<string, NdArray>>;
  see(candidate: NdArray): void;
} {
  const order = Int32Array.from({ length: values.rows }, (_, i) => i);
  let evaluations = 0;
  const current = (): Readonly<Record<string, NdArray>> => {
    const rows = matrix(values.rows, values.cols);
    order.forEach((from, to) => {
      rows.data.set(values.data.subarray(from * values.cols, (from + 1) * values.cols), to * values.cols);
    });
    const shape = [rows.rows, rows.cols];
    return {
      [rowsName]: { shape, data: rows.data },
      [knownName]: { shape, data: rows.data.map((value) => (value === 0 ? 0 : 1)) },
    };
  };
  let held = current();
  return {
    values: () => held,
    see: (candidate) => {
      if (values.rows < 2 || evaluations++ % every !== 0) return;
      order.set(assign(misfits(candidate, values)));
      held = current();
    },
  };
}

/** R_feat of every sample of the candidate with every row. */
function misfits({ shape, data }: NdArray, rows: Matrix): Matrix {
  const width = sizeOf(shape) / rows.rows;
  const cost = matrix(rows.rows, rows.rows);
  for (let i = 0; i < rows.rows; i++) {
    for (let k = 0; k < rows.rows; k++) {
      let [product, own, theirs] = [0, 0, 0];
      for (let j = 0; j < width; j++) {
        const z = rows.data[k * width + j]!;
        if (z === 0) continue;
        const f = data[i * width + j]!;
        product += f * z;
        own += f * f;
        theirs += z * z;
      }
      cost.data[i * rows.rows + k] = 1 - product ** 2 / (own * theirs + least);
    }
  }
  return cost;
}
