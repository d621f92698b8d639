import type { NdArray } from "@recon/engine";
import type { Place } from "./places.ts";

/** The rows of a table of embeddings [V, H]. */
export interface EmbeddingTable {
  readonly width: number;
  /** Mean |E[v]| over the ids that may occur. */
  readonly meanNorm: number;
  row(id: number): ArrayLike<number>;
  /** The id of the place whose row has the greatest cosine with x. */
  nearest(x: ArrayLike<number>, place: Place): number;
}

/** A table with the sizes of its rows worked out once. Rows of zeros are like nothing. */
export function embeddingTable({ shape, data }: NdArray, among: readonly number[]): EmbeddingTable {
  const [rows, width] = shape as [number, number];
  const norms = new Float64Array(rows);
  for (let v = 0; v < rows; v++) {
    let square = 0;
    for (let j = v * width; j < (v + 1) * width; j++) square += data[j]! ** 2;
    norms[v] = Math.sqrt(square);
  }
  return {
    width,
    meanNorm: among.reduce((sum, id) => sum + norms[id]!, 0) / Math.max(1, among.length),
    row: (id) => data.subarray(id * width, (id + 1) * width),
    nearest: (x, place) => {
      if (place.length === 1) return place[0]!;
      let [best, greatest] = [place[0]!, Number.NEGATIVE_INFINITY];
      for (const id of place) {
        if (norms[id] === 0) continue;
        let product = 0;
        for (let j = 0, at = id * width; j < width; j++, at++) product += x[j]! * data[at]!;
        const cosine = product / norms[id]!;
        if (cosine > greatest) [best, greatest] = [id, cosine];
      }
      return best;
    },
  };
}
