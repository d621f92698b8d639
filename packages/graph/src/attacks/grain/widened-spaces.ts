import { type MatrixProduct, matrix, multiply, type RowSpace, rng, transposed } from "@recon/core";

/** Rows of nodes that could be [n, width]. */
export interface CandidateRows {
  readonly width: number;
  readonly rows: Float64Array;
}

/** Numbers that the part of a row outside of the space is mixed down to. */
const mixed = 8;
/** Directions of mixed parts that differ by less are taken for one: chance brings none of thousands as near in seven dimensions. */
const sameDirection = 1e-4;
/** Share of a row outside of the space below which rounding decides its direction. */
const leastPart = 1e-7;
/** Most spaces that are returned. */
const mostSpaces = 12;

/**
 * Row spaces of one dimension more that the errors of a layer may have lost.
 *
 * Where cᵀ Δ = 0 for one c, the row space of dW = Δᵀ H has a dimension less than that of H, and the parts of **all** rows of H outside of it are parallel. Several rows have one, since Â has no column with a single
 * entry. Candidates that have nothing to do with H are outside in directions of their own. So directions are looked for along which several different candidates are outside.
 *
 * @returns those of the most candidates first.
 */
export async function widenedSpaces(
  space: RowSpace,
  { width, rows }: CandidateRows,
  product: MatrixProduct,
): Promise<readonly RowSpace[]> {
  if (space.rank >= width) return [];
  const count = rows.length / width;
  const all = { rows: count, cols: width, data: rows };
  const parts = await outsideOf(space, all, product);
  const random = rng("directions outside of a row space");
  const mixture = matrix(
    width,
    mixed,
    Float64Array.from({ length: width * mixed }, () => random.normal()),
  );
  const sketches = multiply(parts, mixture).data;
  const names = multiply(all, matrix(width, 1, mixture.data.subarray(0, width))).data;
  const outside = Array.from({ length: count }, (_, i) => {
    const row = (of: Float64Array, cols: number): Float64Array => of.subarray(i * cols, (i + 1) * cols);
    const part = Math.hypot(...row(parts.data, width));
    return { place: i, part, share: part / Math.hypot(...row(rows, width)), mixed: direction(row(sketches, mixed)) };
  }).filter(({ share }) => share > leastPart);
  outside.sort((a, b) => a.mixed[0]! - b.mixed[0]!);
  const clusters = clustersOf(outside);
  const different = (places: readonly { readonly place: number }[]): number =>
    new Set(places.map(({ place }) => names[place]!.toPrecision(9))).size;
  return clusters
    .map((members) => ({ members, size: different(members) }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => b.size - a.size)
    .slice(0, mostSpaces)
    .map(({ members }) => {
      const { place, part } = members.reduce((best, one) => (one.part > best.part ? one : best));
      return withDirection(
        space,
        parts.data.subarray(place * width, (place + 1) * width).map((x) => x / part),
      );
    });
}

/** V − (V B) Bᵀ. */
async function outsideOf(
  { basis }: RowSpace,
  vectors: { readonly rows: number; readonly cols: number; readonly data: Float64Array },
  product: MatrixProduct,
): Promise<typeof vectors> {
  const inside = await product(await product(vectors, basis), basis, { transposeB: true });
  return { ...vectors, data: vectors.data.map((x, i) => x - inside.data[i]!) };
}

/** A vector of length 1 with a positive first entry. */
function direction(vector: Float64Array): Float64Array {
  const size = Math.hypot(...vector) * (vector[0]! < 0 ? -1 : 1);
  return vector.map((x) => x / size);
}

/** Members of one direction together, of a list in the order of the first entry. */
function clustersOf<T extends { readonly mixed: Float64Array }>(members: readonly T[]): T[][] {
  const clusters: T[][] = [];
  for (const one of members) {
    let own: T[] | undefined;
    for (let k = clusters.length - 1; k >= 0 && own === undefined; k--) {
      const [first] = clusters[k] as [T];
      if (one.mixed[0]! - first.mixed[0]! > sameDirection) break;
      if (one.mixed.every((x, i) => Math.abs(x - first.mixed[i]!) <= sameDirection)) own = clusters[k];
    }
    if (own === undefined) clusters.push([one]);
    else own.push(one);
  }
  return clusters;
}

/** The space with a direction outside of it. */
function withDirection(space: RowSpace, along: Float64Array): RowSpace {
  const { basis, values, rank, width } = space;
  const columns = matrix(rank + 1, width);
  columns.data.set(transposed(basis).data);
  columns.data.set(along, rank * width);
  return {
    ...space,
    rank: rank + 1,
    basis: transposed(columns),
    values: Float64Array.of(...values, values[0]!),
    // The direction is known no better than the row that it is the small remainder of.
    rounding: 100 * space.rounding,
  };
}
