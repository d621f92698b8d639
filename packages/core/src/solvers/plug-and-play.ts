import type { NdArray } from "@recon/engine";
import type { CurvaturePairs } from "./curvature-pairs.ts";
import { nearPoint } from "./near-point.ts";
import type { Objective } from "./objective.ts";

export interface PlugAndPlayOptions {
  /** f of the unknown `input`: the data term, in nats. */
  readonly objective: Objective;
  /** D(y, σ). */
  readonly denoise: (y: NdArray, sigma: number) => Promise<NdArray>;
  readonly start: NdArray;
  /** σ₁ ≥ … ≥ σ_K. */
  readonly levels: readonly number[];
  /** λ: how strongly the data step is held to what the denoiser made of the last, in units of 1 / σ². */
  readonly pull: number;
  /** Evaluations of the objective a data step, at least 2. */
  readonly inner: number;
  /** Largest curvature of the objective, as far as is known. */
  readonly curvature: number;
  /** What is known of its curvature; what is learned is added. */
  readonly memory: CurvaturePairs;
  readonly evaluations: number;
  readonly signal?: AbortSignal;
}

export interface PlugAndPlayStep {
  /** What the denoiser made of the data step. */
  readonly x: NdArray;
  /** The data step itself. */
  readonly fitted: NdArray;
  readonly sigma: number;
  /** f at the data step. */
  readonly value: number;
  readonly step: number;
  readonly evaluations: number;
}

/**
 * Half-quadratic splitting with a denoiser in the place of a prior, for noise levels that fall:
 *
 *     x ← argmin f(x) + λ/(2 σ²) ‖x − v‖²      v ← D(x, σ)
 *
 * Yields after every level; ends early when the evaluations are spent or the signal fires, or where the data term has no finite value.
 *
 * @see K. Zhang et al., "Plug-and-play image restoration with deep denoiser prior", IEEE TPAMI 44 (2022), algorithm 1.
 */
export async function* plugAndPlay(options: PlugAndPlayOptions): AsyncGenerator<PlugAndPlayStep, void> {
  const { objective, denoise, levels, pull, inner, curvature, memory, signal } = options;
  let [x, centre, used] = [options.start, options.start, 0];
  for (const [k, sigma] of levels.entries()) {
    const evaluations = Math.min(inner, options.evaluations - used);
    if (evaluations < 2 || signal?.aborted) return;
    const step = await nearPoint(objective, {
      ...{ centre, start: x, curvature, memory, evaluations },
      weight: pull / sigma ** 2,
      ...(signal && { signal }),
    });
    used += step.evaluations;
    if (Number.isNaN(step.value)) return;
    ({ x } = step);
    centre = await denoise(x, sigma);
    yield { x: centre, fitted: x, sigma, value: step.value, step: k + 1, evaluations: used };
  }
}
