import type { Rng } from "@recon/core";
import type { Candidates } from "./candidates.ts";
import type { LayerReader } from "./layer-reader.ts";

/** What a descent moves over, and when it ends. */
export interface DescentOptions {
  /** Reads the share of a layer's input outside of its gradient's row space, at every place. */
  readonly reader: LayerReader;
  /** Ids of every place of the text. */
  readonly candidates: Candidates;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  /** Mean distance up to which a text counts as explained. */
  readonly goal: number;
  /** Most texts that may be read. */
  readonly limit: number;
}

/** A text and how far its contexts are from the row space. */
export interface ScoredText {
  readonly text: readonly number[];
  /** Mean over places of the distance to the row space. */
  readonly score: number;
}

/** Where a descent ended, and how many texts were read on the way. */
export interface Descent extends ScoredText {
  readonly readings: number;
}

/** Changes that are read at once. */
const block = 256;

/**
 * Coordinate descent on the mean distance of a text's contexts from the row space of a layer behind the first attention.
 *
 * A wrong id moves the context of every place a little, since attention averages, and that of its own place a lot: the distance falls with every id that is right,
 * and vanishes when all are. A round reads every other candidate of a few places drawn at random, then the texts with the best one, two, four, … of the
 * changes that helped, and keeps the best of all; it ends when no change of any place helps.
 */
export async function descend(start: readonly number[], options: DescentOptions): Promise<Descent> {
  const { reader, candidates, rng, signal, goal, limit } = options;
  let text = start;
  let score = (await scoresOf(reader, [text]))[0]!;
  let readings = 1;
  const idle = new Set<number>();
  while (score > goal && readings < limit && !signal.aborted) {
    const places = placesToTry(candidates, idle, rng);
    if (places.length === 0) break;
    const changes = places.flatMap((place) =>
      candidates[place]!.filter((id) => id !== text[place]).map((id) => ({ place, id })),
    );
    const scores = await scoresOf(
      reader,
      changes.map((change) => withChanges(text, [change])),
    );
    readings += changes.length;
    for (const place of places) idle.add(place);
    const helpful = bestOfEveryPlace(changes, scores, score);
    if (helpful.length === 0) continue;
    const texts = prefixSizes(helpful.length).map((size) => withChanges(text, helpful.slice(0, size)));
    const better = bestOf(texts, await scoresOf(reader, texts));
    readings += texts.length;
    // What was best given the old ids may not be given the new ones.
    if (texts.length > 1) idle.clear();
    else {
      idle.clear();
      idle.add(helpful[0]!.place);
    }
    ({ text, score } = better);
  }
  return { text, score, readings };
}

interface Change {
  readonly place: number;
  readonly id: number;
}

/** The change of every place that lowers the score most, those first that help most. */
function bestOfEveryPlace(changes: readonly Change[], scores: readonly number[], score: number): readonly Change[] {
  const best = new Map<number, { readonly change: Change; readonly score: number }>();
  changes.forEach((change, i) => {
    if (scores[i]! < (best.get(change.place)?.score ?? score)) best.set(change.place, { change, score: scores[i]! });
  });
  return [...best.values()].sort((a, b) => a.score - b.score).map(({ change }) => change);
}

/** Places drawn at random among those that are not idle and have a choice, as many as give one block of changes. */
function placesToTry(candidates: Candidates, idle: ReadonlySet<number>, rng: Rng): number[] {
  const waiting = rng
    .permutation(candidates.length)
    .filter((place) => !idle.has(place) && candidates[place]!.length > 1);
  const taken: number[] = [];
  let count = 0;
  for (const place of waiting) {
    count += candidates[place]!.length - 1;
    if (taken.length > 0 && count > block) break;
    taken.push(place);
  }
  return taken;
}

const prefixSizes = (count: number): number[] => {
  const sizes: number[] = [];
  for (let size = 1; size < count; size *= 2) sizes.push(size);
  return [...sizes, count];
};

function withChanges(text: readonly number[], changes: readonly Change[]): number[] {
  const changed = [...text];
  for (const { place, id } of changes) changed[place] = id;
  return changed;
}

/** The text of the lowest score. */
export function bestOf(texts: readonly (readonly number[])[], scores: readonly number[]): ScoredText {
  const at = scores.reduce((least, value, i) => (value < scores[least]! ? i : least), 0);
  return { text: texts[at]!, score: scores[at]! };
}

/** Mean distance of every text over its places. */
export async function scoresOf(reader: LayerReader, texts: readonly (readonly number[])[]): Promise<number[]> {
  const shares = await reader.read(texts);
  return texts.map((text, i) => {
    let sum = 0;
    for (let p = 0; p < text.length; p++) sum += Math.sqrt(shares[i * reader.size + p]!);
    return sum / text.length;
  });
}
