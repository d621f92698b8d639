import {
  concat,
  constant,
  gather,
  greaterEqual,
  maximum,
  minimum,
  mul,
  power,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  toFloat,
  toInt,
} from "@recon/engine";

/** Positions of a batch of ids [B, T] in which places without a token hold a negative number. */
export interface Positions {
  /** Ids as indices [B, T]; 0 where there is no token. */
  readonly indices: Tensor;
  /** 1 where there is a token, 0 elsewhere [B, T]. */
  readonly present: Tensor;
}

/** Reads a batch of padded ids [B, T]. */
export function positionsOf(ids: Tensor): Positions {
  return { indices: toInt(maximum(ids, 0)), present: toFloat(greaterEqual(ids, 0)) };
}

/** Rows of a table [V, H] by id, [B, T, H]. */
export function embed(table: Tensor, { indices }: Positions): Tensor {
  return gather(table, indices);
}

/** The first T rows of a table of positions [P, H]. */
export function firstRows(table: Tensor, count: number): Tensor {
  return slice(table, [0, 0], [count, table.shape[1]!]);
}

/** What is added to a score that must not count: e to it is 0 in either precision. */
const never = -1e9;

/** Mask of attention to places that hold a token, [B, 1, 1, T]. In a text without any all places count alike, so that rounding of large numbers decides nothing. */
export function presenceMask({ present }: Positions): Tensor {
  const [batch, length] = present.shape as [number, number];
  const some = minimum(sum(present, [1]), 1);
  return reshape(mul(mul(sub(present, 1), -never), reshape(some, [batch, 1])), [batch, 1, 1, length]);
}

/** Mask of attention to a place itself and those before it, [1, 1, T, T]. */
export function causalMask(length: number): Tensor {
  const values = Float64Array.from({ length: length * length }, (_, i) =>
    i % length <= Math.floor(i / length) ? 0 : never,
  );
  return constant(values, [1, 1, length, length]);
}

/** Mean of h [B, T, H] over the places that hold a token, [B, H]. */
export function meanOverTokens(h: Tensor, { present }: Positions): Tensor {
  const [batch, length] = present.shape as [number, number];
  const weights = mul(present, reshape(reciprocalCounts(present), [batch, 1]));
  return sum(mul(h, reshape(weights, [batch, length, 1])), [1]);
}

/** 1 / n for n > 0 ones in a row of [B, T], and 1 for none, [B]. */
export function reciprocalCounts(present: Tensor): Tensor {
  return power(maximum(sum(present, [1]), 1), -1);
}

/** h [B, T, H] at the last place that holds a token, [B, H]. */
export function lastToken(h: Tensor, { present }: Positions): Tensor {
  const [batch, length] = present.shape as [number, number];
  if (length === 1) return sum(mul(h, reshape(present, [batch, 1, 1])), [1]);
  const next = concat([slice(present, [0, 1], [batch, length - 1]), constant(new Float64Array(batch), [batch, 1])], 1);
  return sum(mul(h, reshape(sub(present, next), [batch, length, 1])), [1]);
}
