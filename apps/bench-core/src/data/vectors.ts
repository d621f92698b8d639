import { type DataSource, type Domain, type Item, relativeRms, rms, rng } from "@recon/core";
import { sizeOf } from "@recon/engine";

export interface VectorsOptions {
  /** d. */
  readonly dimension: number;
  /** Every norm is drawn uniformly from this range; [1, 1] unless said. */
  readonly norms?: readonly [number, number];
  /** How many there are to draw batches from; 1024 unless said. */
  readonly count?: number;
  /** Score modulo sign: an odd activation without bias cannot tell (x, y) from (−x, −y). */
  readonly sign?: boolean;
  readonly seed?: number;
}

/** Directions drawn uniformly from the sphere in ℝᵈ with targets ±1: the data of the theorems. The blind guess is zero. */
export function vectors(options: VectorsOptions): DataSource {
  const { dimension, norms = [1, 1], count = 1024, sign = false, seed = 0 } = options;
  return {
    name: "vectors",
    options: { dimension, norms, count, sign, seed },
    card: { title: "Random directions", source: "drawn by seed", licence: "none needed" },
    domain: vectorDomain(dimension, norms[1], sign),
    open: async () => ({
      size: count,
      skipped: [],
      item: async (index): Promise<Item> => {
        const draw = rng(seed).split(`vector ${index}`);
        const x = Float64Array.from({ length: dimension }, () => draw.normal());
        const size = norms[0] + (norms[1] - norms[0]) * draw.uniform();
        const scale = size / Math.hypot(...x);
        const target = Float64Array.of(draw.uniform() < 0.5 ? -1 : 1);
        return {
          id: String(index),
          input: { shape: [dimension], data: x.map((value) => value * scale) },
          target: { shape: [1], data: target },
        };
      },
    }),
  };
}

/** Vectors whose entries lie within the largest norm. */
function vectorDomain(dimension: number, largest: number, sign: boolean): Domain {
  return {
    name: "vector",
    options: { dimension },
    lower: { shape: [1], data: Float64Array.of(-largest) },
    upper: { shape: [1], data: Float64Array.of(largest) },
    metrics: [rms({ sign }), relativeRms({ sign })],
    blind: (shape) => ({ shape, data: new Float64Array(sizeOf(shape)) }),
    render: async () => [],
  };
}
