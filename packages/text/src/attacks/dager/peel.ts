import type { MatrixProduct, Problem, Rng } from "@recon/core";
import type { Arrays, Executor } from "@recon/engine";
import { admitted, type Candidates, likeliest } from "./candidates.ts";
import { complementDirections } from "./complement.ts";
import { contextTest } from "./contexts.ts";
import { findText } from "./find-text.ts";
import { shareAlong } from "./layer-reader.ts";
import { type LayerSpace, layerSpaces } from "./layer-space.ts";
import type { Survey } from "./survey.ts";
import { type TextGradient, textGradient } from "./text-gradient.ts";

export interface PeelContext {
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  readonly product: MatrixProduct;
  /** Most texts that may be read. */
  readonly limit: number;
}

/** Texts that were found, and why no more were. */
export interface Peeled {
  readonly texts: readonly (readonly number[])[];
  /** Directions of contexts that the texts leave unexplained. */
  readonly left: number;
  readonly readings: number;
  /** A clause that says how it ended. */
  readonly ended: string;
}

/** What is left of an observation, as far as the search reads it. */
interface Rest {
  readonly observation: Arrays;
  readonly first: LayerSpace;
  readonly context: LayerSpace;
  readonly candidates: Candidates;
}

/**
 * The texts of a batch one after the other, the longest first, where every place sees all others: a text is found whose contexts lie in the row space, its own gradient is
 * subtracted with the label for which the rank falls by its length, and what is left is the observation of the other texts.
 */
export async function peel(problem: Problem, survey: Survey, context: PeelContext): Promise<Peeled> {
  const { signal, limit } = context;
  const texts: (readonly number[])[] = [];
  const places = survey.candidates.length;
  let rest: Rest = { ...survey, observation: problem.observation };
  let readings = 0;
  let gradients: TextGradient | undefined;
  const end = (ended: string): Peeled => ({ texts, left: rest.context.space.rank, readings, ended });
  try {
    for (;;) {
      const step = context.rng.split(`text ${texts.length}`);
      const { text, score, read } = await nextText(problem, rest, { ...context, rng: step, limit: limit - readings });
      readings += read;
      if (text === undefined) {
        const why = signal.aborted
          ? "it was aborted"
          : readings >= limit
            ? `all ${limit} readings were used`
            : "no change helped";
        return end(
          `the search for text ${texts.length + 1} ended at a mean distance of ${score.toExponential(1)} from the contexts: ${why}`,
        );
      }
      texts.push(text);
      if (rest.context.space.rank <= text.length)
        return { texts, left: 0, readings, ended: "the texts explain all contexts" };
      const names = [...rest.first.layers, ...rest.context.layers].flatMap(({ weight, bias }) => [
        weight,
        ...(bias ? [bias] : []),
      ]);
      gradients ??= await textGradient(
        problem,
        context.executor,
        names.filter((name) => problem.observation[name]),
        places,
      );
      const next = await without(problem, rest, text, gradients, context);
      if (next === undefined)
        return end(`no label of text ${texts.length} lets the rank of what is left fall by its length`);
      rest = next;
      if (rest.candidates.length === 0) return end("no id is admitted by what is left");
    }
  } finally {
    await gradients?.dispose();
  }
}

/** Mean distance from the contexts up to which a text is compared in float64: float32 rounding and tilt, not a property of the data. */
const goal = 1e-5;

/** Pairs that a search moves over, in multiples of the number of contexts, and its share of the readings: all pairs come last. */
const stages = [
  { pairs: 1.25, share: 0.05 },
  { pairs: 2, share: 0.1 },
  { pairs: 4, share: 0.2 },
  { pairs: Number.POSITIVE_INFINITY, share: 1 },
] as const;

async function nextText(
  problem: Problem,
  { first, context: space, candidates }: Rest,
  { executor, rng, signal, limit, product }: PeelContext,
): Promise<{ readonly text?: readonly number[]; readonly score: number; readonly read: number }> {
  const directions = complementDirections(space.space, rng.split("directions"));
  const reading = { layer: space.layers[0]!, places: candidates.length, precision: "float32" as const };
  const reader = await shareAlong(problem, executor, { ...reading, rows: 128 }, directions, space.biased);
  const test = await contextTest(problem, executor, space, candidates.length, product);
  const pairs = candidates.reduce((sum, ids) => sum + ids.length, 0);
  let best = Number.POSITIVE_INFINITY;
  let read = 0;
  try {
    const narrowed =
      pairs > stages[0].pairs * space.space.rank
        ? await likeliest(problem, executor, first, candidates, product)
        : () => candidates;
    for (const { pairs: multiple, share } of stages) {
      const count = Math.min(pairs, Math.ceil(multiple * space.space.rank));
      const { text, score, readings } = await findText({
        reader,
        candidates: narrowed(count),
        rng,
        signal,
        goal: goalOf(space),
        limit: Math.max(1, Math.min(limit - read, Math.ceil(share * limit))),
      });
      read += readings;
      best = Math.min(best, score);
      const [statistics] = text.length > 0 ? await test.test([text]) : [undefined];
      if (statistics?.every((value) => value <= 1) === true) return { text, score, read };
      if (count >= pairs || read >= limit || signal.aborted) break;
    }
    return { score: best, read };
  } finally {
    await reader.dispose();
    await test.dispose();
  }
}

/** The distance that tilt and rounding account for. */
function goalOf({ space: { std, values, rank, width } }: LayerSpace): number {
  return Math.max(goal, (3 * std * Math.sqrt(width - rank)) / values[rank - 1]!);
}

/** What is left without a text, or nothing where no label fits. */
async function without(
  problem: Problem,
  rest: Rest,
  text: readonly number[],
  gradients: TextGradient,
  { executor, product }: PeelContext,
): Promise<Rest | undefined> {
  const told = problem.knowledge.batchSize;
  const summed = problem.model.lossReduction === "sum";
  const sizes = summed ? [1] : typeof told === "number" ? [told] : Array.from({ length: 16 }, (_, i) => i + 1);
  const classes = problem.model.target.shape[0]!;
  const ofLabel = await Promise.all(Array.from({ length: classes }, (_, label) => gradients.of(text, label)));
  const rank = rest.context.space.rank - text.length;
  for (const size of sizes) {
    for (const labels of multisets(classes, Math.min(size, typeof told === "number" ? told : 2))) {
      const observation = subtracted(rest.observation, ofLabel, labels, 1 / size);
      const other = { ...problem, observation };
      const context = await fallenSpace(problem, other, rest.context, rank, product);
      if (context === undefined) continue;
      const first = await firstSpace(problem, other, rest.first, product);
      if (first === undefined) continue;
      const candidates = await admitted(problem, executor, first, rest.candidates, product);
      return { observation, first, context, candidates };
    }
  }
  return undefined;
}

/**
 * Deviation of an entry for which a threshold on singular values lies above what is left of a text that was subtracted: the victim rounded on its way through the whole
 * net, which shows as a share of the gradient in the text's own directions and not as independent noise.
 */
function errorOf({ observation }: Problem, { layers, space }: LayerSpace): number {
  const arrays = layers.map(({ weight }) => observation[weight]!);
  const square = arrays.reduce((sum, { data }) => sum + squareOf(data), 0);
  const rows = arrays.reduce((sum, { data }) => sum + data.length / space.width, 0);
  return Math.max(space.std, (space.rounding * Math.sqrt(square)) / (Math.sqrt(rows) + Math.sqrt(space.width)));
}

/** Multiples of the error that is expected at which the rank is looked at: the victim's rounding is known by its order alone. */
const errorMultiples = [1, 8, 64] as const;

/** The space of contexts without a text, where its rank has fallen as far as it must, or else nothing. */
async function fallenSpace(
  problem: Problem,
  other: Problem,
  { layers, ...space }: LayerSpace,
  rank: number,
  product: MatrixProduct,
): Promise<LayerSpace | undefined> {
  const error = errorOf(problem, { layers, ...space });
  for (const multiple of errorMultiples) {
    const [found] = (await layerSpaces(other, layers, multiple * error, product)).found;
    if (found === undefined || found.space.rank < rank) return undefined;
    if (found.space.rank === rank) return multiple === 1 || found.space.gap >= clearGap ? found : undefined;
    // A wrong label leaves every direction of the text, far above any rounding.
    if (found.space.rank > 2 * rank && found.space.rank === space.space.rank) return undefined;
  }
  return undefined;
}

/** The first attention's row space without a text: above what subtracting it left where there is a clear gap, and otherwise with those directions counted in, which admits more. */
async function firstSpace(
  problem: Problem,
  other: Problem,
  first: LayerSpace,
  product: MatrixProduct,
): Promise<LayerSpace | undefined> {
  const clear = await layerSpaces(other, first.layers, errorOf(problem, first), product);
  if (clear.found[0] !== undefined && clear.found[0].space.gap >= clearGap) return clear.found[0];
  return (await layerSpaces(other, first.layers, first.space.std, product)).found[0];
}

const clearGap = 10;

function squareOf(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! ** 2;
  return sum;
}

function subtracted(from: Arrays, ofLabel: readonly Arrays[], labels: readonly number[], weight: number): Arrays {
  return Object.fromEntries(
    Object.entries(ofLabel[0]!).map(([name, { shape }]) => {
      const data = Float64Array.from(from[name]!.data);
      for (const label of labels) {
        const part = ofLabel[label]![name]!.data;
        for (let i = 0; i < data.length; i++) data[i]! -= weight * part[i]!;
      }
      return [name, { shape, data }];
    }),
  );
}

/** Multisets of labels, small ones first. */
function* multisets(classes: number, most: number): Generator<number[]> {
  let current: number[][] = [[]];
  for (let size = 1; size <= most && current.length * classes <= 256; size++) {
    current = current.flatMap((set) =>
      Array.from({ length: classes - (set.at(-1) ?? 0) }, (_, i) => [...set, (set.at(-1) ?? 0) + i]),
    );
    yield* current;
  }
}
