import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import { levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { ExactResult } from "../result.ts";
import { type BoundedBlock, someNeurons, unpack } from "./bounded-block.ts";
import { boundedFit } from "./bounded-fit.ts";
import { startingPoints } from "./starting-inputs.ts";

export interface RecoverBoundedOptions {
  readonly batchSize: number;
  readonly precision: "float32" | "float64";
  /** Starts tried before the search gives up, 8. */
  readonly restarts?: number;
  readonly product: MatrixProduct;
  readonly rng: Rng;
  /** Evaluations of the block that may be spent. */
  readonly evaluations: number;
  readonly signal?: AbortSignal | undefined;
}

/** How far the search is, after every start. */
export interface BoundedProgress {
  /** Of the starts, in (0, 1]. */
  readonly fraction: number;
  /** Least relative misfit so far. */
  readonly misfit: number;
  readonly evaluations: number;
}

/** What the bounds of a gradient say of a batch. */
export interface BoundedValue {
  /** x [B, d], with the bias coordinate where there is one. */
  readonly inputs: Matrix;
  /** r [B]. */
  readonly errors: Float64Array;
  /** The same as one vector. */
  readonly point: Float64Array;
  /** Entries that are known, and entries that are bounded. */
  readonly known: number;
  readonly bounded: number;
  readonly evaluations: number;
}

/** Relative misfit up to which the entries that are known count as explained. */
const explained = { float32: 1e-5, float64: 1e-11 } as const;
/** The same for bounds alone, which are not broken by more near the end than the walls are wide. */
const kept = 1e-5;
/** Entries that the first rounds look at. */
const fewEntries = 15_000;
/** Widths of the walls, in half-widths of the intervals: the first on some neurons, the others on all. */
const widths = [0.5, 0.2, 0.05, 0.012, 0.003, 0.0008, 0] as const;
/** Relative misfit beyond which the first rounds have not found the basin. */
const lost = 0.1;

/**
 * A whole batch from what a channel left of the gradient of one "linear, activation, linear" block: known entries by their value, the others by their bounds.
 *
 * Where most entries are known or pruned, hinges at the bounds guide the search and the known entries decide. Where all are intervals, walls that are
 * first as smooth as the intervals are wide are sharpened step by step, which ends well inside of all of them.
 *
 * @returns no value where nothing is bounded, where the known entries and bounds are fewer than the unknowns, or where the activation shows no samples.
 */
export async function* recoverBounded(
  block: BoundedBlock,
  options: RecoverBoundedOptions,
): AsyncGenerator<BoundedProgress, ExactResult<BoundedValue>> {
  const { batchSize, precision, restarts = 8, product, rng, signal } = options;
  const assumptions = ["architecture", "weights", "batchSize"];
  const none = (reason: string): ExactResult<BoundedValue> => ({ residual: Number.NaN, assumptions, reason });
  const unknowns = batchSize * (block.weight.cols + (block.biased ? 0 : 1));
  const { known, bounded } = countEntries(block);
  if (known + bounded === 0 || block.seen.every((value) => value === 0)) {
    return none("Nothing of the first layer's gradient was left: every entry was removed or is zero.");
  }
  if (known + bounded < unknowns) {
    return none(`${known + bounded} entries that are known or bounded do not determine ${unknowns} unknowns.`);
  }
  const starts = await startingPoints(block, batchSize, product, rng.split("start"));
  if ("reason" in starts) return none(starts.reason);
  const scale = squareSum(block);
  const spent = { evaluations: 0, budget: options.evaluations };
  const common = { product, signal, scale, known, bounded, spent };
  const points = await likeliestFirst(block, starts.points, { ...common, rng: rng.split("order") });
  const [search, tolerance] =
    known >= unknowns ? [throughKnown, explained[precision]] : [throughWalls, Math.max(kept, explained[precision])];
  let best: { point: Float64Array; misfit: number } | undefined;
  for (let attempt = 0; attempt < restarts; attempt++) {
    if (signal?.aborted) break;
    const stream = rng.split(`attempt ${attempt}`);
    const first = points[attempt % points.length]!;
    const start = attempt < points.length ? first : redrawn(first, block, batchSize, stream);
    const { point, cost } = await search(block, start, { ...common, rng: stream });
    const misfit = Math.sqrt(cost / scale);
    if (best === undefined || misfit < best.misfit) best = { point, misfit };
    yield { fraction: (attempt + 1) / restarts, misfit: best.misfit, evaluations: spent.evaluations };
    if (best.misfit <= tolerance || spent.evaluations >= spent.budget) break;
  }
  if (best === undefined) return none("The search was aborted.");
  const { inputs, errors } = unpack(best.point, block.weight.cols);
  const reason =
    best.misfit <= tolerance
      ? `A fit to ${known} known and ${bounded} bounded entries of the first layer keeps them all; the gradients of other layers took no part.`
      : `The fit to ${known} known and ${bounded} bounded entries ended at a relative misfit of ${best.misfit.toExponential(1)}.`;
  const { evaluations } = spent;
  return {
    value: { inputs, errors, point: best.point, known, bounded, evaluations },
    residual: best.misfit,
    assumptions,
    reason,
  };
}

interface Search {
  readonly product: MatrixProduct;
  readonly signal: AbortSignal | undefined;
  readonly rng: Rng;
  /** Σ Y². */
  readonly scale: number;
  readonly known: number;
  readonly bounded: number;
  readonly spent: { evaluations: number; readonly budget: number };
}

interface Found {
  readonly point: Float64Array;
  readonly cost: number;
}

async function fitFrom(
  block: BoundedBlock,
  start: Float64Array,
  { product, signal, scale, spent }: Search,
  { width = 0, intervals = true, iterations = 40, share = 1e-30 },
): Promise<Found> {
  const { cost, linearise } = boundedFit(block, product, { width, intervals });
  // A cost that is no number refuses a step, so that the search stays where it is when the budget ends.
  const counted = (point: Float64Array): Promise<number> | number => {
    if (spent.evaluations >= spent.budget) return Number.NaN;
    spent.evaluations++;
    return cost(point);
  };
  const options = { damping: 1e-2, lower: 4, raise: 4, iterations, tolerance: share * scale, progress: 1e-4 };
  const found = await levenbergMarquardt({ start, linearise, cost: counted, product, signal, options });
  return { point: found.value, cost: found.cost };
}

/** Hinges and known entries together find the basin; the known entries alone then give the digits, and the bounds have the last word. */
async function throughKnown(block: BoundedBlock, start: Float64Array, search: Search): Promise<Found> {
  const few = subset(block, search);
  const rough = await fitFrom(few, start, search, {});
  if (search.bounded > 0 && !(rough.cost <= 1e-8 * search.scale)) return rough;
  const fine = await fitFrom(block, rough.point, search, { intervals: false, iterations: 20 });
  return { point: fine.point, cost: await boundedFit(block, search.product).cost(fine.point) };
}

/** Walls as smooth as the intervals are wide on some neurons, then sharper and sharper ones on all. */
async function throughWalls(block: BoundedBlock, start: Float64Array, search: Search): Promise<Found> {
  const unit = intervalWidth(block);
  const few = subset(block, search);
  let { point } = await fitFrom(few, start, search, { width: widths[0] * unit });
  const { cost } = boundedFit(block, search.product);
  const rough = await cost(point);
  if (!(rough <= lost ** 2 * search.scale)) return { point, cost: rough };
  for (const width of widths.slice(1))
    ({ point } = await fitFrom(block, point, search, { width: width * unit, iterations: 6 }));
  return { point, cost: await cost(point) };
}

/** Starts in the order of their cost, hinges for all that is not known. */
async function likeliestFirst(
  block: BoundedBlock,
  points: readonly Float64Array[],
  search: Search,
): Promise<Float64Array[]> {
  const { cost } = boundedFit(subset(block, search), search.product);
  const judged: { point: Float64Array; cost: number }[] = [];
  for (const point of points) judged.push({ point, cost: await cost(point) });
  return judged.sort((a, b) => a.cost - b.cost).map(({ point }) => point);
}

/** A random choice of neurons that hold about `fewEntries` known entries, or bounded ones where none are known. */
function subset(block: BoundedBlock, { rng, known, bounded }: Search): BoundedBlock {
  const { rows } = block.weight;
  // Known entries are worth the most; where there are few, all neurons have to serve.
  const entries = known > 0 ? known : bounded;
  if (entries <= fewEntries) return block;
  const count = Math.ceil((rows * fewEntries) / entries);
  return someNeurons(block, rng.split("neurons").permutation(rows).slice(0, count));
}

function countEntries({ lower, upper }: BoundedBlock): { readonly known: number; readonly bounded: number } {
  let [known, bounded] = [0, 0];
  for (let n = 0; n < lower.length; n++) {
    if (lower[n] === upper[n]) known++;
    else if (lower[n]! > -Infinity || upper[n]! < Infinity) bounded++;
  }
  return { known, bounded };
}

function squareSum({ seen }: BoundedBlock): number {
  let total = 0;
  for (const value of seen) total += value * value;
  return total;
}

/** Half the median width of the intervals; where they are half-lines, the mean magnitude of what was sent. */
function intervalWidth({ lower, upper, seen }: BoundedBlock): number {
  const halves: number[] = [];
  for (let n = 0; n < lower.length; n += 1 + Math.floor(lower.length / 10_000)) {
    const half = (upper[n]! - lower[n]!) / 2;
    if (half > 0 && half < Infinity) halves.push(half);
  }
  if (halves.length > 0) return halves.sort((a, b) => a - b)[Math.floor(halves.length / 2)]!;
  let total = 0;
  for (const value of seen) total += Math.abs(value);
  return total / seen.length;
}

/** A start with one sample, drawn at random, in a new direction: the moments may have missed it. */
function redrawn(point: Float64Array, { weight, biased }: BoundedBlock, batch: number, rng: Rng): Float64Array {
  const { cols: width } = weight;
  const result = point.slice();
  const random = rng.split("direction");
  const i = random.integer(batch);
  const row = result.subarray(i * width, (i + 1) * width);
  const free = biased ? width - 1 : width;
  const size = Math.hypot(...row.subarray(0, free));
  const drawn = Float64Array.from({ length: free }, () => random.normal());
  const length = Math.hypot(...drawn);
  for (let k = 0; k < free; k++) row[k] = (drawn[k]! * size) / length;
  return result;
}
