import {
  type Arrays,
  add,
  type Executor,
  grad,
  graph,
  hvp,
  input,
  jvp,
  mul,
  rewrite,
  scalar,
  sizeOf,
  square,
  sum,
  type Tensor,
  vjp,
} from "@recon/engine";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import type { Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import { flatten, unflatten } from "../solvers/layout.ts";
import { type DensityParts, sharedInputs, traceDensity, unknownLayout } from "./posterior-density.ts";

/** Curvature of −log posterior in the manner of Gauss and Newton. */
export interface PosteriorCurvature {
  /** The whole matrix, n × n, at a point. */
  matrix(point: Float64Array): Promise<Matrix>;
  /** Its diagonal, estimated by probes with random signs; at least 0. */
  diagonal(point: Float64Array, probes: number, rng: Rng): Promise<Float64Array>;
  /** Products with a vector so far. */
  products(): number;
  dispose(): Promise<void>;
}

/** Directions that one run multiplies: small programs cost about the same for several as for one. */
const directionsInOneRun = 12;

/**
 * G = Jᵀ H J + ∇²R with J = ∂F/∂u and H the second derivative of the discrepancy in the clean observation: the precision of the Laplace approximation, up
 * to the curvature of F. Positive semidefinite where discrepancy and priors are convex.
 *
 * A likelihood with corners, such as that of Laplace noise, has H = 0 almost everywhere. There H is replaced by s² I, where s² is the mean square of
 * the score ∂d/∂g: the information that an entry of such noise holds, as the sample of entries shows it.
 *
 * @see J. Martens, "New Insights and Perspectives on the Natural Gradient Method", JMLR 21 (2020), section 8.
 */
export async function posteriorCurvature(
  problem: Problem,
  executor: Executor,
  parts: DensityParts,
): Promise<PosteriorCurvature> {
  const layout = unknownLayout(problem, parts);
  const width = Math.min(layout.size, directionsInOneRun);
  const { g: program, values } = productGraph(problem, parts, width);
  const compiled = await executor.compile(program, { precision: "float64" });
  let products = 0;
  const run = async (point: Float64Array, directions: readonly Float64Array[]): Promise<Product[]> => {
    const padded = Array.from({ length: width }, (_, k) => directions[k] ?? new Float64Array(layout.size));
    const fed = padded.flatMap((direction, k) =>
      Object.entries(unflatten(direction, layout)).map(([name, array]) => [`direction ${name} ${k}`, array] as const),
    );
    const result = await compiled.run({ ...values, ...unflatten(point, layout), ...Object.fromEntries(fed) });
    products += directions.length;
    const vector = (what: string, k: number): Float64Array =>
      flatten(Object.fromEntries(layout.parts.map(({ name }) => [name, result[`${what} ${name} ${k}`]!])), layout);
    const score = result.score!.data[0]!;
    return directions.map((_, k) => ({
      curved: vector("curved", k),
      plain: vector("plain", k),
      prior: vector("prior", k),
      score,
    }));
  };
  /** The likelihood's part and the prior's, for whole lists of directions. */
  const multiply = async (point: Float64Array, directions: readonly Float64Array[]): Promise<Float64Array[]> => {
    const all: Product[] = [];
    while (all.length < directions.length) {
      all.push(...(await run(point, directions.slice(all.length, all.length + width))));
    }
    const flat = all.every(({ curved }) => curved.every((value) => value === 0));
    return all.map(({ curved, plain, prior, score }) =>
      prior.map((value, i) => value + (flat ? score * plain[i]! : curved[i]!)),
    );
  };
  return {
    matrix: async (point) => {
      const n = layout.size;
      const units = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
      const rows = await multiply(point, units);
      const result = matrix(n, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) result.data[i * n + j] = 0.5 * (rows[i]![j]! + rows[j]![i]!);
      }
      return result;
    },
    diagonal: async (point, probes, rng) => {
      const signs = Array.from({ length: probes }, () =>
        Float64Array.from({ length: layout.size }, () => (rng.uniform() < 0.5 ? -1 : 1)),
      );
      const multiplied = await multiply(point, signs);
      return Float64Array.from({ length: layout.size }, (_, i) =>
        Math.max(
          0,
          multiplied.reduce((total, product, k) => total + (product[i]! * signs[k]![i]!) / probes, 0),
        ),
      );
    },
    products: () => products,
    dispose: () => compiled.dispose(),
  };
}

interface Product {
  /** Jᵀ H J v. */
  readonly curved: Float64Array;
  /** Jᵀ J v. */
  readonly plain: Float64Array;
  /** ∇²R v. */
  readonly prior: Float64Array;
  /** Mean square of ∂d/∂g over the entries. */
  readonly score: number;
}

function productGraph(
  problem: Problem,
  parts: DensityParts,
  width: number,
): { g: ReturnType<typeof graph>; values: Arrays } {
  const shared = sharedInputs(problem, parts);
  const { unknowns, clean, energy } = traceDensity(problem, parts, shared);
  const names = Object.keys(unknowns);
  const xs = Object.values(unknowns);
  const observedNames = Object.keys(clean);
  const ys = Object.values(clean);
  // One array of the observation may be computed from another, so the discrepancy is differentiated over symbols that F(u) takes the place of afterwards.
  const symbols = ys.map((node, k) => input(`clean ${k}`, node.shape));
  const places = new Map<Tensor, Tensor>(symbols.map((symbol, k) => [symbol, ys[k]!]));
  const misfit = parts.discrepancy.distance(
    Object.fromEntries(observedNames.map((name, k) => [name, symbols[k]!])),
    shared.observed,
  );
  const substituted = (nodes: readonly Tensor[]): Tensor[] => {
    const outputs = Object.fromEntries(nodes.map((node, k) => [String(k), node]));
    const rewritten = rewrite({ inputs: {}, outputs }, (node, original) => places.get(original) ?? node).outputs;
    return nodes.map((_, k) => rewritten[String(k)]!);
  };
  const entries = ys.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const scores = substituted(grad(misfit, symbols));
  const outputs: Record<string, Tensor> = {
    score: mul(
      scores.map((s): Tensor => sum(square(s))).reduce((total, part) => add(total, part)),
      1 / entries,
    ),
  };
  const inputs: Record<string, Tensor> = { ...shared.all, ...unknowns };
  for (let k = 0; k < width; k++) {
    const directions = xs.map((node, i) => input(`direction ${names[i]} ${k}`, node.shape));
    directions.forEach((node, i) => {
      inputs[`direction ${names[i]} ${k}`] = node;
    });
    const moved = jvp(ys, xs, directions);
    const pushed = substituted(hvp(misfit, symbols, moved));
    const groups = {
      curved: vjp(ys, pushed, xs),
      plain: vjp(ys, moved, xs),
      prior: energy === undefined ? xs.map((x) => mul(x, scalar(0))) : hvp(energy, xs, directions),
    };
    for (const [what, nodes] of Object.entries(groups)) {
      nodes.forEach((node, i) => {
        outputs[`${what} ${names[i]} ${k}`] = node;
      });
    }
  }
  return { g: graph(inputs, outputs), values: shared.values };
}
