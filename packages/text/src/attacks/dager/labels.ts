import { leastSquares, matrix, type Problem, transposed } from "@recon/core";
import { type Executor, graph, softmax, topologicalOrder } from "@recon/engine";
import { batchOfIds } from "../../ids.ts";
import { traceIds } from "../../structure/attention-layers.ts";

/** A batch that found texts make, or why the head does not tell. */
export type Labelled = { readonly batch: readonly LabelledText[]; readonly size: number } | { readonly reason: string };

export interface LabelledText {
  readonly text: readonly number[];
  readonly label: number;
}

/** Distance of a count from a whole number up to which it counts as one. */
const wholeness = 0.02;
/** Batches that are tried beyond the number of texts where the size is not told. */
const further = 8;

/**
 * How often each text occurs with each label, from the gradient of the head under softmax cross-entropy:
 *
 *     dW = Σ_s δ_s h_sᵀ,   B δ_s = m_s p_s − counts_s
 *
 * with h_s the head's input and p_s the softmax of a text, both known once the text is. δ is the least squares solution; m_s is the smallest number of occurrences
 * for which the counts are whole. Texts that do not occur get δ = 0 and m = 0.
 */
export async function labelsOf(
  problem: Problem,
  executor: Executor,
  texts: readonly (readonly number[])[],
): Promise<Labelled> {
  const { model, observation, knowledge } = problem;
  if (model.lossKind !== "cross-entropy") return { reason: "labels can be read off only under cross-entropy" };
  const head = traceIds(model, 1, 1).layers.at(-1);
  const gradient = head && observation[head.weight];
  if (head === undefined || gradient === undefined) return { reason: "the observation holds no gradient of the head" };
  if (head.input.shape.length !== 2) return { reason: "the head reads more than one row a text" };
  const { features, probabilities } = await headInputs(problem, executor, head.weight, texts);
  const classes = model.target.shape[0]!;
  const stored = matrix(gradient.shape[0]!, gradient.shape[1]!, gradient.data);
  const rows = head.layout === "transposed" ? transposed(stored) : stored;
  const bias = head.bias === undefined ? undefined : observation[head.bias];
  const width = rows.cols;
  const count = texts.length;
  const system = matrix(width + (bias ? 1 : 0), count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) system.data[j * count + i] = features[i * width + j]!;
    if (bias) system.data[width * count + i] = 1;
  }
  let errors: Float64Array[];
  try {
    errors = Array.from({ length: classes }, (_, k) => {
      const right = [...rows.data.subarray(k * width, (k + 1) * width), ...(bias ? [bias.data[k]!] : [])];
      return leastSquares(system, right).x;
    });
  } catch {
    return { reason: "several texts have the same features at the head" };
  }
  const told = knowledge.batchSize;
  const summed = model.lossReduction === "sum";
  const sizes = typeof told === "number" ? [told] : Array.from({ length: further }, (_, i) => Math.max(1, i + 1));
  const tried = typeof told === "number" ? sizes : sizes.map((extra) => extra + Math.max(0, count - further / 2));
  for (const size of tried) {
    const batch = texts.flatMap((text, i) => {
      const p = probabilities.subarray(i * classes, (i + 1) * classes);
      const scaled = errors.map((error) => error[i]! * (summed ? 1 : size));
      return (
        wholeCounts(p, scaled, size)?.flatMap((times, label) =>
          Array.from({ length: times }, () => ({ text, label })),
        ) ?? []
      );
    });
    if (batch.length === size) return { batch, size };
  }
  return { reason: "no whole numbers of labels explain the gradient of the head" };
}

/** The label counts c with m p − c = δ for the smallest m; none where there are no whole ones. */
function wholeCounts(p: Float64Array, scaled: readonly number[], most: number): number[] | undefined {
  for (let m = 0; m <= most; m++) {
    const counts = scaled.map((value, k) => m * p[k]! - value);
    const whole = counts.map(Math.round);
    const off = Math.max(...counts.map((value, k) => Math.abs(value - whole[k]!)));
    if (off <= wholeness && whole.every((value) => value >= 0) && whole.reduce((a, b) => a + b, 0) === m) return whole;
  }
  return undefined;
}

async function headInputs(
  problem: Problem,
  executor: Executor,
  weight: string,
  texts: readonly (readonly number[])[],
): Promise<{ readonly features: Float64Array; readonly probabilities: Float64Array }> {
  const places = Math.max(...texts.map((text) => text.length));
  const { arrays, ids, layers } = traceIds(problem.model, texts.length, places);
  const features = layers.find((layer) => layer.weight === weight)!.input;
  const probabilities = softmax(problem.model.forward(arrays, { input: ids }, "eval"));
  const used = new Set(topologicalOrder([features, probabilities]));
  const parameters = Object.fromEntries(Object.entries(arrays).filter(([, tensor]) => used.has(tensor)));
  const program = await executor.compile(graph({ ...parameters, ids }, { features, probabilities }), {
    precision: "float64",
  });
  try {
    const held = Object.fromEntries(Object.keys(parameters).map((name) => [name, problem.params[name]!]));
    const result = await program.run({ ...held, ids: batchOfIds(texts, places) });
    return {
      features: result.features!.data as Float64Array,
      probabilities: result.probabilities!.data as Float64Array,
    };
  } finally {
    await program.dispose();
  }
}
