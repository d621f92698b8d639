import { distancesFrom, type MatrixProduct, type Problem, type Rng, type SpaceDistances } from "@recon/core";
import type { Executor } from "@recon/engine";
import { complementDirections } from "./complement.ts";
import { layerInputs, shareAlong, withOnes } from "./layer-reader.ts";
import type { LayerSpace } from "./layer-space.ts";

/** Ids that the first attention's gradient admits at every place, in the order of places; it ends before the first place that admits none. */
export type Candidates = readonly (readonly number[])[];

/** Places that are read first where nothing says how many there are. */
const usualPlaces = 16;
/** Ids that are read in one run. */
const idsAtOnce = 64;

/**
 * The ids t of the whole vocabulary for which the vector of (t, place) lies in the row space of the first attention's gradient, place by place up to the first
 * that admits none: behind it no text goes on.
 *
 * A cheap pass in float32 along a few directions outside of the space keeps what the tilt of the space could still account for; those that stay are compared in
 * float64. All that a text holds is admitted but for the miss rate; sums of other texts' parts are admitted too.
 *
 * @param vocabulary ids that come into question.
 * @param expected places that are read first; a place costs as much as all before it together, so a good guess is worth having.
 */
export async function candidatesOf(
  problem: Problem,
  { executor, rng }: { readonly executor: Executor; readonly rng: Rng },
  { layers, biased, space }: LayerSpace,
  vocabulary: readonly number[],
  product: MatrixProduct,
  expected: number = usualPlaces,
): Promise<Candidates> {
  const most = problem.model.input.shape[0]!;
  const layer = layers[0]!;
  const directions = complementDirections(space, rng);
  const bound = screeningBound(space, directions.cols);
  const found: number[][] = [];
  for (let from = 0, places = 0; places < most; from = places) {
    places = Math.min(most, from === 0 ? expected : Math.ceil(1.5 * from));
    const reading = { layer, places, from };
    const screen = await shareAlong(
      problem,
      executor,
      { ...reading, rows: Math.max(1, Math.min(idsAtOnce, vocabulary.length)), precision: "float32" },
      directions,
      biased,
    );
    let shares: Float64Array | Float32Array;
    try {
      shares = await screen.read(vocabulary.map((id) => new Array<number>(places).fill(id)));
    } finally {
      await screen.dispose();
    }
    const kept = vocabulary.filter((_, i) => {
      for (let p = 0; p < screen.size; p++) if (shares[i * screen.size + p]! <= bound) return true;
      return false;
    });
    if (kept.length === 0) return found;
    const exact = await layerInputs(problem, executor, { ...reading, rows: 64, precision: "float64" });
    try {
      const width = layer.input.shape.at(-1)!;
      const vectors = await exact.read(kept.map((id) => new Array<number>(places).fill(id)));
      const { statistics } = await distancesFrom(space, withOnes(vectors, width, biased), product);
      for (let p = from; p < places; p++) {
        const here = kept.filter((_, i) => statistics[i * (places - from) + p - from]! <= 1);
        if (here.length === 0) return found;
        found.push(here);
      }
    } finally {
      await exact.dispose();
    }
  }
  return found;
}

/** The largest share along k directions that tilt and rounding of the space can give a member, and rounding of the screening itself. */
function screeningBound({ std, values, rank, rounding }: LayerSpace["space"], directions: number): number {
  const tilt = (std / values[rank - 1]!) ** 2 * (directions + 6 * Math.sqrt(2 * directions));
  return tilt + rounding ** 2 + (32 * 2 ** -23) ** 2;
}

/** Those of given candidates that a row space admits; the places end before the first without any. */
export async function admitted(
  problem: Problem,
  executor: Executor,
  first: LayerSpace,
  candidates: Candidates,
  product: MatrixProduct,
): Promise<Candidates> {
  const { statistics } = await tableOf(problem, executor, first, candidates, product);
  const kept = candidates.map((ids, p) => ids.filter((_, k) => statistics[k * candidates.length + p]! <= 1));
  const end = kept.findIndex((ids) => ids.length === 0);
  return end < 0 ? kept : kept.slice(0, end);
}

/**
 * Candidates in the order of the shortest combination of the gradient's rows that gives their vector: sums of other pairs need longer ones than the pairs that occur.
 *
 * @returns a function that gives those `count` pairs, at least one a place, that need the shortest.
 */
export async function likeliest(
  problem: Problem,
  executor: Executor,
  first: LayerSpace,
  candidates: Candidates,
  product: MatrixProduct,
): Promise<(count: number) => Candidates> {
  const { combinations } = await tableOf(problem, executor, first, candidates, product);
  const lengthOf = (place: number, k: number): number => combinations[k * candidates.length + place]!;
  const all = candidates.flatMap((ids, p) => ids.map((_, k) => lengthOf(p, k))).sort((a, b) => a - b);
  return (count) => {
    const longestKept = all[Math.min(count, all.length) - 1]!;
    return candidates.map((ids, p) => {
      const shortest = Math.min(...ids.map((_, k) => lengthOf(p, k)));
      return ids.filter((_, k) => lengthOf(p, k) <= Math.max(longestKept, shortest));
    });
  };
}

/** Every candidate compared with a row space: of candidate k of a place p at k · places + p. */
async function tableOf(
  problem: Problem,
  executor: Executor,
  { layers, biased, space }: LayerSpace,
  candidates: Candidates,
  product: MatrixProduct,
): Promise<SpaceDistances> {
  const layer = layers[0]!;
  const width = layer.input.shape.at(-1)!;
  const places = candidates.length;
  const reader = await layerInputs(problem, executor, { layer, rows: 16, places, precision: "float64" });
  try {
    const most = Math.max(...candidates.map((ids) => ids.length));
    // A text of the table holds one candidate of every place.
    const texts = Array.from({ length: most }, (_, k) => candidates.map((ids) => ids[k % ids.length]!));
    return await distancesFrom(space, withOnes(await reader.read(texts), width, biased), product);
  } finally {
    await reader.dispose();
  }
}
