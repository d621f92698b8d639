import type { EnergyPrior, Matrix, Rng } from "@recon/core";
import { badOption } from "@recon/core/options";
import {
  add,
  concat,
  constant,
  matmul,
  type NdArray,
  reshape,
  type Shape,
  sizeOf,
  slice,
  sub,
  type Tensor,
  transpose,
} from "@recon/engine";
import { seriesExtents } from "../series-extents.ts";
import { autocovariance } from "./autocovariance.ts";
import type { Covariance } from "./covariance-options.ts";
import { innovations } from "./innovations.ts";

export interface InnovationProcessOptions {
  readonly name: string;
  /** μ, one number or one a column. */
  readonly mean: number | readonly number[];
  readonly covariance: Covariance;
  /** −log p of independent innovations z [curves, T]. */
  energy(z: Tensor): Tensor;
  /** A draw of one innovation. */
  draw(rng: Rng): number;
}

/** The functions of a prior of series whose steps are predictions from those before plus independent innovations, z = L (x − μ). */
export function innovationProcess({
  name,
  mean,
  covariance,
  energy,
  draw,
}: InnovationProcessOptions): Required<Pick<EnergyPrior, "energy" | "jointEnergy" | "sample" | "blind">> {
  const whitening = rememberedRows(covariance);
  const energyOf = (curves: Tensor): Tensor => {
    const steps = curves.shape[1]!;
    return energy(matmul(curves, constant(whitening(steps).data, [steps, steps]), { transposeB: true }));
  };
  return {
    energy: (x) => {
      const [batch, steps, columns] = seriesExtents(name, x.shape);
      return energyOf(reshape(byColumn(x, meansOf(name, mean, columns)), [batch * columns, steps]));
    },
    jointEnergy: (x, target) => {
      const [batch, steps, columns] = seriesExtents(name, x.shape);
      const means = meansOf(name, mean, columns);
      const curves = byColumn(x, means);
      const observed = reshape(slice(curves, [0, 0, 0], [batch, 1, steps]), [batch, steps]);
      const continued = energyOf(concat([observed, sub(target, means[0]!)], 1));
      if (columns === 1) return continued;
      const others = slice(curves, [0, 1, 0], [batch, columns - 1, steps]);
      return add(continued, energyOf(reshape(others, [batch * (columns - 1), steps])));
    },
    sample: (shape, rng) => {
      const [batch, steps, columns] = seriesExtents(name, shape);
      const { data: rows } = whitening(steps);
      const means = meansOf(name, mean, columns);
      const data = new Float64Array(sizeOf(shape));
      for (let b = 0; b < batch; b++) {
        for (let f = 0; f < columns; f++) {
          const at = (t: number): number => (b * steps + t) * columns + f;
          for (let t = 0; t < steps; t++) {
            // L x = z from the first step on: each is its prediction from those before it plus an innovation.
            let value = draw(rng);
            for (let u = 0; u < t; u++) value -= rows[t * steps + u]! * data[at(u)]!;
            data[at(t)] = value / rows[t * steps + t]!;
          }
        }
      }
      return { shape, data: data.map((value, i) => value + means[i % columns]!) };
    },
    blind: (shape) => repeatedMeans(name, mean, shape),
  };
}

/** z = L (x − μ) of x [B, T, F], curve by curve [B F, T]. */
export function innovationsAt(
  { name, mean, covariance }: Pick<InnovationProcessOptions, "name" | "mean" | "covariance">,
  { shape, data }: NdArray,
): Float64Array {
  const [batch, steps, columns] = seriesExtents(name, shape);
  const means = meansOf(name, mean, columns);
  const { rows } = innovations(autocovariance(covariance, steps));
  return Float64Array.from({ length: batch * columns * steps }, (_, i) => {
    const t = i % steps;
    const f = Math.floor(i / steps) % columns;
    const b = Math.floor(i / (steps * columns));
    let z = 0;
    for (let u = 0; u <= t; u++) z += rows.data[t * steps + u]! * (data[(b * steps + u) * columns + f]! - means[f]!);
    return z;
  });
}

function repeatedMeans(name: string, mean: number | readonly number[], shape: Shape): NdArray {
  const [, , columns] = seriesExtents(name, shape);
  const means = meansOf(name, mean, columns);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => means[i % columns]!) };
}

/** x − μ [B, F, T]. */
function byColumn(x: Tensor, means: Float64Array): Tensor {
  return transpose(sub(x, constant(means, [means.length])), [0, 2, 1]);
}

/** μ of every column. @throws ReconError `bad-option` where there are means of other columns. */
function meansOf(name: string, mean: number | readonly number[], columns: number): Float64Array {
  if (typeof mean === "number") return new Float64Array(columns).fill(mean);
  if (mean.length !== columns) {
    throw badOption(name, "mean", mean, `a number, or a list of ${columns}, one a column`);
  }
  return Float64Array.from(mean);
}

/** L for the lengths that were asked for last: an attack asks for the same again and again. */
function rememberedRows(covariance: Covariance): (length: number) => Matrix {
  let known: Matrix | undefined;
  return (length) => {
    if (known?.rows !== length) known = innovations(autocovariance(covariance, length)).rows;
    return known;
  };
}
