import type { NdArray } from "@recon/engine";
import type { Rng } from "../random.ts";
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
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

export interface PosteriorSamplingStep {
  /** E[x₀ | x_σ, y], to first order. */
  readonly x: NdArray;
  readonly sigma: number;
  /** f at D(x_σ, σ). */
  readonly value: number;
  readonly step: number;
  readonly evaluations: number;
}

/**
 * Diffusion posterior sampling: a walk from noise to a draw of the posterior under a denoiser, two evaluations of the objective a level.
 *
 *     x̂ = D(x, σ)      x̂' = x̂ − t (∂D/∂x)ᵀ ∇f(x̂)      x ← x̂' + k (x − x̂') + σ_next √(1 − k) n,  k = σ_next² / σ²
 *
 * The step t of the guidance is the one that minimises data term and a Gaussian of the denoiser's own spread along that direction, so that there is no size to tune.
 *
 * @see H. Chung et al., "Diffusion posterior sampling for general noisy inverse problems", ICLR 2023; J. Song et al., "Pseudoinverse-guided diffusion models", ICLR 2023.
 */
export async function* posteriorSampling(
  setting: PosteriorSamplingSetting,
): AsyncGenerator<PosteriorSamplingStep, void> {
  const { objective, pullback, centre, levels, rng, signal } = setting;
  const { shape } = centre;
  let x = Float64Array.from(centre.data, (value) => value + levels[0]! * rng.normal());
  for (const [k, sigma] of levels.entries()) {
    if (signal?.aborted) return;
    let value = Number.NaN;
    let slope: NdArray["data"] = x;
    const { denoised, pulled } = await pullback({ shape, data: x }, sigma, async (point) => {
      const at = await objective({ input: point });
      value = at.value;
      slope = at.gradient.input!.data;
      return { shape, data: slope };
    });
    if (!Number.isFinite(value)) return;
    const step = await stepAlong(objective, denoised, slope, pulled.data, sigma);
    const guided = Float64Array.from(denoised.data, (d, i) => d - step * pulled.data[i]!);
    yield { x: { shape, data: guided }, sigma, value, step: k + 1, evaluations: 2 * (k + 1) };
    const next = levels[k + 1] ?? 0;
    // The walk from σ to σ_next given where it leads: part of the old noise stays, the rest is drawn anew.
    const kept = (next / sigma) ** 2;
    const fresh = next * Math.sqrt(1 - kept);
    x = guided.map((d, i) => d + kept * (x[i]! - d) + fresh * rng.normal());
  }
}

/** Size of the displacement that curvature is asked at, in units of the unknown an entry. */
const probeStep = 0.1;

/**
 * The length t of the step x̂ − t d that minimises f(x̂ − t d) + ‖t d‖² / 2r² to second order, t = gᵀd / (dᵀHd + dᵀd / r²), with the spread of the denoiser along the
 * gradient, r² = σ² gᵀJg / gᵀg; dᵀH by the difference of two gradients. No longer
 * than three times the spread, 3 √n r: where the data term is far from quadratic, the model says nothing of what lies beyond.
 */
async function stepAlong(
  objective: Objective,
  at: NdArray,
  gradient: NdArray["data"],
  direction: NdArray["data"],
  sigma: number,
): Promise<number> {
  const square = inner(direction, direction);
  const through = inner(direction, gradient);
  if (!(square > 0 && through > 0)) return 0;
  const spread = (sigma ** 2 * through) / inner(gradient, gradient);
  const scale = (probeStep * Math.sqrt(at.data.length)) / Math.sqrt(square);
  const moved = Float64Array.from(at.data, (value, i) => value - scale * direction[i]!);
  const there = (await objective({ input: { shape: at.shape, data: moved } })).gradient.input!.data;
  const curved = (through - inner(there, direction)) / scale;
  const newton = through / (Math.abs(curved) + square / spread);
  return Math.min(newton, 3 * Math.sqrt((at.data.length * spread) / square));
}

function inner(a: NdArray["data"], b: NdArray["data"]): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
