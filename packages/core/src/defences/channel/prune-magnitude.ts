import {
  type Arrays,
  abs,
  concat,
  mul,
  reshape,
  sizeOf,
  slice,
  type Tensor,
  type Tensors,
  topKMask,
} from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Channel, Defence, EntryBounds } from "../../problem.ts";
import { refuseOtherOptions, shareOption } from "../options.ts";
import { magnitudes, mapBounds } from "./entry-bounds.ts";
import { visibleMask } from "./mask.ts";

/** What entries compete with: those of their own tensor, or all. */
export type PruneScope = "tensor" | "global";

export interface PruneMagnitudeOptions {
  /** p, the share of entries that is set to zero, rounded down to whole entries; 0 is the identity, 1 removes everything. */
  readonly rate: number;
  /** `tensor` unless said. */
  readonly scope?: PruneScope;
}

export interface TopKOptions {
  /** k, the number of entries that survive; all of a tensor that has no more. */
  readonly count: number;
  /** `tensor` unless said. */
  readonly scope?: PruneScope;
}

/**
 * Sets to zero the fraction p of entries of least |g|, of every tensor or of all together.
 *
 * The mask is visible as exact zeros, and every removed entry obeys |g| ≤ τ with τ the least magnitude that survived.
 *
 * @throws ReconError `bad-option` unless 0 ≤ p ≤ 1 and the scope is one of the two.
 */
export function pruneMagnitude(options: PruneMagnitudeOptions): Defence {
  refuseOtherOptions("prune-magnitude", options, ["rate", "scope"]);
  const rate = shareOption("prune-magnitude", "rate", options.rate);
  const scope = scopeOption("prune-magnitude", options.scope);
  // The share is meant in whole entries: 0.97 · 100 is 97 entries, also where the product is rounded below.
  const kept = (size: number): number => size - Math.floor(rate * size + 1e-9);
  return { name: "prune-magnitude", options: { rate, scope }, channel: keepLargest(kept, scope) };
}

/**
 * Keeps the k entries of largest |g|, of every tensor or of all together: sparsified communication.
 *
 * @throws ReconError `bad-option` unless k is a whole number of at least 1 and the scope is one of the two.
 * @see A. F. Aji, K. Heafield, "Sparse Communication for Distributed Gradient Descent", EMNLP 2017.
 */
export function topK(options: TopKOptions): Defence {
  refuseOtherOptions("top-k", options, ["count", "scope"]);
  const { count } = options;
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new ReconError(
      "bad-option",
      `Option "count" of defence "top-k" must be a number of entries, 1 or more, not ${String(count)}.`,
    );
  }
  const scope = scopeOption("top-k", options.scope);
  return { name: "top-k", options: { count, scope }, channel: keepLargest((size) => Math.min(count, size), scope) };
}

function scopeOption(defence: string, scope: PruneScope | undefined): PruneScope {
  if (scope !== undefined && scope !== "tensor" && scope !== "global") {
    throw new ReconError(
      "bad-option",
      `Option "scope" of defence "${defence}" must be tensor or global, not ${JSON.stringify(scope)}.`,
    );
  }
  return scope ?? "tensor";
}

type Kept = (size: number) => number;

function keepLargest(kept: Kept, scope: PruneScope): Channel {
  return {
    apply: (clean) => (scope === "tensor" ? eachTensor(clean, (one) => largestOf(one, kept)) : largestOf(clean, kept)),
    known: (clean) =>
      scope === "tensor" ? eachTensor(clean, (one) => largestSymbolic(one, kept)) : largestSymbolic(clean, kept),
    noiseStd: () => 0,
    visible: (observed) => (isIdentity(observed, kept, scope) ? {} : visibleMask(observed)),
    preimage: (output) => (isIdentity(output.lower, kept, scope) ? output : removedBounds(output, scope)),
  };
}

function eachTensor<T>(
  set: Readonly<Record<string, T>>,
  f: (one: Readonly<Record<string, T>>) => Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.assign({}, ...Object.entries(set).map(([name, value]) => f({ [name]: value })));
}

function isIdentity(arrays: Arrays, kept: Kept, scope: PruneScope): boolean {
  const sizes = Object.values(arrays).map(({ data }) => data.length);
  const groups = scope === "tensor" ? sizes : [sizes.reduce((total, size) => total + size, 0)];
  return groups.every((size) => kept(size) === size);
}

/** The largest entries of a set of arrays, zeros elsewhere; of equals the first. */
function largestOf(arrays: Arrays, kept: Kept): Arrays {
  const size = Object.values(arrays).reduce((total, { data }) => total + data.length, 0);
  const magnitudesOfAll = new Float64Array(size);
  let at = 0;
  for (const { data } of Object.values(arrays)) for (const value of data) magnitudesOfAll[at++] = Math.abs(value);
  const count = kept(size);
  const sorted = magnitudesOfAll.sort();
  const threshold = count === 0 ? Infinity : sorted[size - count]!;
  let ties = count;
  for (let i = size - 1; i >= 0 && sorted[i]! > threshold; i--) ties--;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => {
      const survives = (value: number): boolean =>
        Math.abs(value) > threshold || (Math.abs(value) === threshold && ties-- > 0);
      return [name, { shape, data: data.map((value) => (survives(value) ? value : 0)) }];
    }),
  );
}

function largestSymbolic(tensors: Tensors, kept: Kept): Tensors {
  const entries = Object.entries(tensors);
  const flat = entries.map(([, x]) => reshape(x, [sizeOf(x.shape)]));
  const all = flat.length === 1 ? flat[0]! : concat(flat, 0);
  const size = all.shape[0]!;
  const count = kept(size);
  if (count === size) return tensors;
  const survived: Tensor = count === 0 ? mul(all, 0) : mul(all, topKMask(abs(all), count));
  let start = 0;
  return Object.fromEntries(
    entries.map(([name, x]) => {
      const extent = sizeOf(x.shape);
      const part = slice(survived, [start], [extent]);
      start += extent;
      return [name, reshape(part, x.shape)];
    }),
  );
}

/** Entries that may have been removed are at most as large as the least survivor can be. */
function removedBounds(output: EntryBounds, scope: PruneScope): EntryBounds {
  const leastOf = (low: ArrayLike<number>, high: ArrayLike<number>): number => {
    let least = Infinity;
    for (let i = 0; i < low.length; i++) {
      const [from, to] = magnitudes(low[i]!, high[i]!);
      if (from > 0) least = Math.min(least, to);
    }
    return least;
  };
  const overall = Math.min(
    ...Object.entries(output.lower).map(([name, { data }]) => leastOf(data, output.upper[name]!.data)),
  );
  return mapBounds(output, (lower, upper) => {
    const threshold = scope === "global" ? overall : leastOf(lower, upper);
    return (low, high) =>
      low <= 0 && high >= 0 ? [Math.min(low, -threshold), Math.max(high, threshold)] : [low, high];
  });
}
