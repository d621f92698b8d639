import {
  type AttackContext,
  clause,
  type FeatureTerm,
  knownNoise,
  type Matrix,
  matrix,
  matrixOf,
  type Problem,
  singleSample,
  singleSampleBehindNoise,
  traceModel,
  transposed,
} from "@recon/core";
import { madeUpInputs } from "../pooler/made-up-inputs.ts";
import { poolerInputs, poolerOf } from "../pooler/pooler-inputs.ts";

/** Evaluations after which features are assigned to texts anew. */
const every = 10;

/**
 * What entered the pooler, as a term of the objective: for one text a quotient of the pooler's two gradients, for several what the attack on the pooler finds.
 *
 * @returns the term, or a clause that says why there is none.
 */
export async function poolerTerm(
  problem: Problem,
  context: AttackContext,
  weight: number,
): Promise<FeatureTerm | { readonly reason: string }> {
  const pooler = poolerOf(problem);
  if ("reason" in pooler) return pooler;
  const found =
    problem.knowledge.batchSize === 1 ? await quotient(problem, pooler.weight) : await poolerInputs(problem, context);
  if (!("values" in found)) return { reason: clause(found.reason) };
  // What enters the pooler hardly differs from text to text in an encoder that was not trained, and angles would see what all have in common.
  const centre = meanRow(await madeUpInputs(problem, pooler.weight, context));
  const values = centre === undefined ? found.values : without(found.values, centre);
  return { values, weight, every, layer: pooler.weight, ...(centre && { centre }) };
}

function meanRow(rows: Matrix | undefined): Float64Array | undefined {
  if (rows === undefined) return undefined;
  const mean = new Float64Array(rows.cols);
  rows.data.forEach((value, at) => {
    mean[at % rows.cols]! += value / rows.rows;
  });
  return mean;
}

function without({ rows, cols, data }: Matrix, centre: Float64Array): Matrix {
  return matrix(
    rows,
    cols,
    data.map((value, at) => value - centre[at % cols]!),
  );
}

async function quotient(
  problem: Problem,
  weight: string,
): Promise<Pick<FeatureTerm, "values"> | { readonly reason: string }> {
  const { model, observation } = problem;
  const layer = traceModel(model).layers.find((one) => one.weight === weight);
  const bias = layer?.bias === undefined ? undefined : observation[layer.bias];
  if (layer?.kind !== "linear" || bias === undefined) return { reason: "the pooler has no bias gradient to divide by" };
  const stored = matrixOf(observation[weight]!);
  const gradient = layer.layout === "transposed" ? transposed(stored) : stored;
  const read = knownNoise(problem) > 0 ? singleSampleBehindNoise : singleSample;
  const { value, reason } = await read(gradient, bias.data);
  return value === undefined ? { reason } : { values: matrix(1, value.length, value) };
}
