import type { Covariance } from "./covariance-options.ts";
import { smoothKernels } from "./smooth-kernels.ts";

/** Numbers of a covariance that a fit moves, all above 0. */
export type HyperParameter = Exclude<keyof Covariance, "period" | "smooth_kernel">;

/** k(0), …, k(n − 1). */
export function autocovariance(covariance: Covariance, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, lag) => {
    const { level, noise } = covariance;
    return level ** 2 + cyclePart(covariance, lag) + smoothPart(covariance, lag) + (lag === 0 ? noise ** 2 : 0);
  });
}

/** ∂k(Δ) / ∂ log θ for every Δ < n, by hyper-parameter θ. */
export function autocovarianceByLog(covariance: Covariance, n: number): Readonly<Record<HyperParameter, Float64Array>> {
  const {
    level,
    noise,
    period = Number.POSITIVE_INFINITY,
    cycle_length,
    cycle_memory,
    smooth,
    smooth_length,
  } = covariance;
  const { byLogLength } = smoothKernels[covariance.smooth_kernel];
  const each = (of: (lag: number) => number): Float64Array => Float64Array.from({ length: n }, (_, lag) => of(lag));
  return {
    noise: each((lag) => (lag === 0 ? 2 * noise ** 2 : 0)),
    level: each(() => 2 * level ** 2),
    cycle: each((lag) => 2 * cyclePart(covariance, lag)),
    cycle_length: each(
      (lag) => cyclePart(covariance, lag) * 4 * (Math.sin((Math.PI * lag) / period) / cycle_length) ** 2,
    ),
    cycle_memory: each((lag) =>
      cycle_memory === undefined ? 0 : cyclePart(covariance, lag) * (lag / cycle_memory) ** 2,
    ),
    smooth: each((lag) => 2 * smoothPart(covariance, lag)),
    smooth_length: each((lag) => smooth ** 2 * byLogLength(lag / smooth_length)),
  };
}

function cyclePart({ cycle, period, cycle_length, cycle_memory }: Covariance, lag: number): number {
  if (cycle === 0 || period === undefined) return 0;
  const within = -2 * (Math.sin((Math.PI * lag) / period) / cycle_length) ** 2;
  const across = cycle_memory === undefined ? 0 : -0.5 * (lag / cycle_memory) ** 2;
  return cycle ** 2 * Math.exp(within + across);
}

function smoothPart({ smooth, smooth_length, smooth_kernel }: Covariance, lag: number): number {
  return smooth ** 2 * smoothKernels[smooth_kernel].at(lag / smooth_length);
}
