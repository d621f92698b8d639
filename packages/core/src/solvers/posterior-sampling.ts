import type { NdArray } from "@recon/engine";
import type { Rng } from "../random.ts";
import { type CurvaturePairs, inner } from "./curvature-pairs.ts";
import { nearPoint } from "./near-point.ts";
import type { Objective } from "./objective.ts";

export interface PosteriorSamplingSetting {
  /** f of the unknown `input`: −log p(y | x), in nats. */
  readonly objective: Objective;
  /** D(x, σ) and (∂D/∂x)ᵀ c with c = `cotangent(D(x, σ))`. */
  readonly pullback: (
    x: NdArray,
    sigma: number,
    cotangent: (denoised: NdArray) => Promise<NdArray>,
  ) => Promise<{ readonly denoised: NdArray; readonly pulled: NdArray }>;
  /** Centre of the noise that the walk starts from. */
  readonly centre: NdArray;
  /** σ₁ > … > σ_K. */
  readonly levels: readonly number[];
  /** Largest curvature of the objective, as far as is known, and what is known of it otherwise; what is learned is added. */
  readonly curvature: number;
  readonly memory: CurvaturePairs;
  /** Evaluations of the objective a level, at least 2. */
  readonly evaluations: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

export interface PosteriorSamplingStep {
  /** E[x₀ | x_σ, y], as far as the Gaussian goes. */
  readonly x: NdArray;
  readonly sigma: number;
  /** f there. */
  readonly value: number;
  readonly step: number;
  readonly evaluations: number;
}

/**
 * Diffusion posterior sampling: a walk from noise to a draw of the posterior under a denoiser.
 *
 *     x̂ = D(x, σ)      x̂' = argmin f(x') + ‖x' − x̂‖² / 2r²      x ← x̂' + k (x − x̂') + σ_next √(1 − k) n,  k = σ_next² / σ²
 *
 * What is clean given x is taken to be a Gaussian around x̂ with the denoiser's own spread, r² = σ² tr(∂D/∂x) / n (Tweedie), the trace by one random probe a level;
 * where the data term is stiff, a single gradient step of guidance, as in the original, is too long or too short, so that some of `nearPoint` stand in its place.
 *
 * @see H. Chung et al., "Diffusion posterior sampling for general noisy inverse problems", ICLR 2023; Y. Zhu et al., "Denoising diffusion models for plug-and-play
 * image restoration", CVPR workshops 2023.
 */
export async function* posteriorSampling(
  setting: PosteriorSamplingSetting,
): AsyncGenerator<PosteriorSamplingStep, void> {
  const { objective, pullback, centre, levels, curvature, memory, evaluations, rng, signal } = setting;
  const { shape } = centre;
  let x = Float64Array.from(centre.data, (value) => value + levels[0]! * rng.normal());
  let used = 0;
  for (const [k, sigma] of levels.entries()) {
    if (signal?.aborted) return;
    const probe = x.map(() => (rng.uniform() < 0.5 ? -1 : 1));
    const { denoised, pulled } = await pullback({ shape, data: x }, sigma, async () => ({ shape, data: probe }));
    const kept = inner(Float64Array.from(pulled.data), probe) / x.length;
    // A probe of a denoiser that is no exact one may say nothing or less; it never lets more through than came in.
    const spread = sigma ** 2 * Math.min(1, Math.max(leastKept, kept));
    const guided = await nearPoint(objective, {
      ...{ centre: denoised, start: denoised, weight: 1 / spread, curvature, memory, evaluations },
      ...(signal && { signal }),
    });
    used += guided.evaluations;
    if (Number.isNaN(guided.value)) return;
    yield { x: guided.x, sigma, value: guided.value, step: k + 1, evaluations: used };
    const next = levels[k + 1] ?? 0;
    // The walk from σ to σ_next given where it leads: part of the old noise stays, the rest is drawn anew.
    const old = (next / sigma) ** 2;
    const fresh = next * Math.sqrt(1 - old);
    x = Float64Array.from(guided.x.data, (d, i) => d + old * (x[i]! - d) + fresh * rng.normal());
  }
}

const leastKept = 1e-3;
