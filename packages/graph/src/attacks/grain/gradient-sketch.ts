import { type Matrix, matrix, multiply, type Problem, type Rng, transposed } from "@recon/core";
import { concat, constant, type Executor, matmul, mul, reshape, sum, transpose, vjp } from "@recon/engine";
import type { Stages } from "./stages.ts";
import { type KnownNodes, type Star, starProgram } from "./star-program.ts";

/** Linear equations Σₜ amountₜ · rows[t] = right for the amounts of types. */
export interface AmountEquations {
  readonly width: number;
  /** [types, width]. */
  readonly rows: Float64Array;
  readonly right: Float64Array;
}

/** What the types of the last stage were read from. */
export interface StarsOfTypes {
  /** One a type, of nodes of the stage before. */
  readonly stars: readonly Star[];
  readonly before: KnownNodes;
  readonly features: number;
}

/** Rows and columns that a gradient is mixed down to. */
const mixed = 16;

/**
 * The gradient of the layers that read the last stage but one, as equations for the amounts of types of nodes.
 *
 *     dW = Σᵢ ∂⟨g, hᵢ⟩ / ∂W,   g = dL/dh = Wᵣᵀ δᵣ
 *
 * with hᵢ the row of node i that is pooled, and δᵣ the readout's bias gradient. g is the same for all nodes, so that what a node adds is a function of its type. Random mixtures of the rows and of the
 * columns of dW are compared.
 */
export async function gradientSketch(
  problem: Problem,
  executor: Executor,
  { nodes: stages, readout }: Stages,
  { stars, before, features }: StarsOfTypes,
  rng: Rng,
): Promise<AmountEquations | undefined> {
  const { observation, params } = problem;
  const delta = readout.bias === undefined ? undefined : observation[readout.bias];
  if (delta === undefined) return undefined;
  const from = stages.length - 2;
  const { layers } = stages[from]!;
  const matrixOfWeight = (weight: string, arrays: Problem["params"], plain: boolean): Matrix => {
    const { shape, data } = arrays[weight]!;
    const stored = matrix(shape[0]!, shape[1]!, data);
    return plain ? stored : transposed(stored);
  };
  const weight = matrixOfWeight(readout.weight, params, readout.layout === "plain");
  const g = multiply(matrix(1, weight.rows, delta.data), weight).data;
  const mixtures = layers.map(({ weight: name, layout }, i) => {
    const gradient = matrixOfWeight(name, observation, layout === "plain");
    const random = rng.split(`layer ${i}`);
    const left = normal(mixed, gradient.rows, random.split("rows"));
    const right = normal(mixed, gradient.cols, random.split("columns"));
    return { left, right, seen: multiply(multiply(left, gradient), transposed(right)).data };
  });
  const program = starProgram(problem, executor, features, from, ({ middle, embeddings, preActivations }) => {
    const [batch, size, width] = embeddings.shape as [number, number, number];
    const pulled = vjp(
      [sum(mul(middle, constant(g, [1, g.length])))],
      [constant(Float64Array.of(1), [])],
      preActivations,
    );
    const parts = pulled.map((errors, i) => {
      const { left, right } = mixtures[i]!;
      const rows = matmul(
        reshape(errors, [batch * size, left.cols]),
        constant(transposed(left).data, [left.cols, mixed]),
      );
      const columns = matmul(
        reshape(embeddings, [batch * size, width]),
        constant(transposed(right).data, [width, mixed]),
      );
      const product = matmul(
        transpose(reshape(rows, [batch, size, mixed]), [0, 2, 1]),
        reshape(columns, [batch, size, mixed]),
      );
      return reshape(product, [batch, mixed * mixed]);
    });
    return parts.length === 1 ? parts[0]! : concat(parts, 1);
  });
  try {
    const { width, rows } = await program.read(stars, before);
    const right = new Float64Array(width);
    mixtures.forEach(({ seen }, i) => {
      right.set(seen, i * seen.length);
    });
    return { width, rows, right };
  } finally {
    await program.dispose();
  }
}

function normal(rows: number, cols: number, rng: Rng): Matrix {
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => rng.normal() / Math.sqrt(cols)),
  );
}
