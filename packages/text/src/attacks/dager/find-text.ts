import { bestOf, type Descent, type DescentOptions, descend, type ScoredText, scoresOf } from "./descend.ts";

/** Descents whose ends are remembered as donors of spans. */
const donors = 8;

/**
 * A text of as many ids as there are places with candidates, all of whose contexts lie in the row space: descents from random starts, which end in mixtures
 * of the texts of a batch, and exchanges of spans between their ends, which take such mixtures apart.
 *
 * @returns the best text that was found; its score says whether it explains the row space.
 */
export async function findText(options: DescentOptions): Promise<Descent> {
  const { candidates, rng, signal, goal, limit } = options;
  const pool: ScoredText[] = [];
  let best: ScoredText = { text: [], score: Number.POSITIVE_INFINITY };
  let readings = 0;
  const move = async (start: readonly number[]): Promise<ScoredText> => {
    const found = await descend(start, { ...options, limit: limit - readings });
    readings += found.readings;
    return found;
  };
  while (best.score > goal && readings < limit && !signal.aborted) {
    let current = await move(candidates.map((ids) => ids[rng.integer(ids.length)]!));
    for (let exchanged = true; exchanged && current.score > goal && readings < limit && !signal.aborted; ) {
      exchanged = false;
      for (const donor of pool) {
        const texts = spansFrom(current.text, donor.text);
        if (texts.length === 0) continue;
        const better = bestOf(texts, await scoresOf(options.reader, texts));
        readings += texts.length;
        if (!(better.score < current.score)) continue;
        current = await move(better.text);
        exchanged = true;
        break;
      }
    }
    if (current.score < best.score) best = current;
    pool.push(current);
    pool.sort((a, b) => a.score - b.score);
    pool.length = Math.min(pool.length, donors);
    if (candidates.every((ids) => ids.length === 1)) break;
  }
  return { ...best, readings };
}

/** A text with every span in which it differs from another exchanged for the other's; spans begin and end where the two differ. */
function spansFrom(text: readonly number[], donor: readonly number[]): number[][] {
  const differing = text.flatMap((id, place) => (id === donor[place] ? [] : [place]));
  return differing.flatMap((from, i) =>
    differing.slice(i).map((to) => text.map((id, place) => (place >= from && place <= to ? donor[place]! : id))),
  );
}
