import type { Candidates } from "./candidates.ts";
import type { ContextTest } from "./contexts.ts";
import type { LayerReader } from "./layer-reader.ts";

/** Beginnings of texts all of whose contexts lie in the row space. */
export interface Prefixes {
  /** Those that no admitted id extends: each is the whole of a text. */
  readonly ends: readonly (readonly number[])[];
  /** All of them; a text may end at any. */
  readonly all: readonly (readonly number[])[];
  /** Beginnings that were read. */
  readonly readings: number;
  /** Whether the search was cut off, with what it held until then. */
  readonly cut: boolean;
}

/**
 * All beginnings of texts whose contexts lie in the row space, place by place, where a place sees only those before it: then the context of a beginning does not
 * depend on how the text goes on.
 *
 * @param screen the share of a context outside of the space, along a few directions, in float32.
 * @param bound share up to which a beginning is compared in float64.
 * @param most beginnings of one length that are followed: there are no more than the rank of the space.
 */
export async function growPrefixes(
  candidates: Candidates,
  screen: LayerReader,
  bound: number,
  test: ContextTest,
  most: number,
  signal: AbortSignal,
): Promise<Prefixes> {
  let current: readonly (readonly number[])[] = [[]];
  const all: (readonly number[])[] = [];
  const ends: (readonly number[])[] = [];
  let readings = 0;
  let cut = false;
  for (const ids of [...candidates, []]) {
    const longer = current.flatMap((prefix) => ids.map((id) => [...prefix, id]));
    readings += longer.length;
    const place = current[0]?.length ?? 0;
    const shares = longer.length > 0 ? await screen.read(longer) : [];
    const close = longer.filter((_, i) => shares[i * screen.size + place]! <= bound);
    const statistics = close.length > 0 ? await test.test(close) : [];
    const accepted = close.filter((_, i) => statistics[i]![place]! <= 1);
    const extended = new Set(accepted.map((prefix) => prefix.slice(0, -1).join()));
    ends.push(...current.filter((prefix) => prefix.length > 0 && !extended.has(prefix.join())));
    all.push(...accepted);
    cut ||= accepted.length > most || signal.aborted;
    current = signal.aborted ? [] : accepted.slice(0, most);
    if (current.length === 0) break;
  }
  return { ends, all, readings, cut };
}
