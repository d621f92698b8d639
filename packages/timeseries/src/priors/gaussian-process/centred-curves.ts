import { ReconError } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** Windows of series as curves around 0. */
export interface CentredCurves {
  readonly curves: readonly Float64Array[];
  /** Of every column. */
  readonly means: readonly number[];
  readonly std: number;
}

/**
 * Columns of at most so many windows, evenly spread, as curves without their column's mean.
 *
 * @throws ReconError `bad-data` where windows differ in shape, have fewer than 4 steps, hold values that are not finite, or never change.
 */
export function centredCurves(windows: readonly NdArray[], most: number): CentredCurves {
  const shape = windows[0]?.shape ?? [];
  const [steps = 0, columns = 1] = shape;
  const uneven = windows.find((window) => window.shape.join() !== shape.join());
  if (uneven !== undefined || shape.length < 1 || shape.length > 2 || steps < 4) {
    const listed =
      uneven === undefined ? `[${shape.join(", ")}]` : `[${shape.join(", ")}] and [${uneven.shape.join(", ")}]`;
    throw new ReconError(
      "bad-data",
      `A Gaussian process is fitted to windows of one shape, [T] or [T, F] with T ≥ 4, not ${listed}.`,
    );
  }
  const step = Math.max(1, windows.length / most);
  const taken = Array.from({ length: Math.min(windows.length, most) }, (_, i) => windows[Math.floor(i * step)]!);
  const perColumn = Array.from({ length: columns }, (_, f) =>
    taken.map(({ data }) => Float64Array.from({ length: steps }, (_, t) => data[t * columns + f]!)),
  );
  const means = perColumn.map((curves) => curves.reduce((total, curve) => total + mean(curve) / curves.length, 0));
  const curves = perColumn.flatMap((all, f) => all.map((curve) => curve.map((value) => value - means[f]!)));
  const std = Math.sqrt(
    curves.reduce((total, curve) => total + mean(curve.map((value) => value * value)) / curves.length, 0),
  );
  if (!(std > 0 && Number.isFinite(std))) {
    throw new ReconError(
      "bad-data",
      `The windows ${std === 0 ? "never change" : "hold values that are not finite"}, so no process can be fitted to them.`,
    );
  }
  return { curves, means, std };
}

const mean = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length;
