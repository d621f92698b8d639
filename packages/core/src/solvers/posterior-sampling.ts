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
  /** h, the largest curvature of the objective near where it leads. */
  readonly curvature: number;
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
 * Diffusion posterior sampling: a walk from noise to a draw of the posterior under a denoiser, one evaluation of the objective a level.
 *
 *     x̂ = D(x, σ)      x̂' = x̂ − σ² (∂D/∂x)ᵀ ∇f(x̂) / (1 + h r²)      x ← x̂' + σ_next n
 *
 * The step of the guidance is the one that a Gaussian with the denoiser's own spread would take, r² = σ² tr(∂D/∂x) / n, estimated along the gradient: it tends
 * to the whole step where the data term is flat and to a Newton step where it is steep, so that there is no size to tune.
 *
 * @see H. Chung et al., "Diffusion posterior sampling for general noisy inverse problems", ICLR 2023; J. Song et al., "Pseudoinverse-guided diffusion models", ICLR 2023.
 */
export async function* posteriorSampling(
  setting: PosteriorSamplingSetting,
): AsyncGenerator<PosteriorSamplingStep, void> {
  const { objective, pullback, centre, levels, curvature, rng, signal } = setting;
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
    const spread = sigma ** 2 * alongGradient(pulled.data, slope);
    const step = sigma ** 2 / (1 + curvature * spread);
    const guided = Float64Array.from(denoised.data, (d, i) => d - step * pulled.data[i]!);
    yield { x: { shape, data: guided }, sigma, value, step: k + 1, evaluations: k + 1 };
    const next = levels[k + 1] ?? 0;
    x = guided.map((d) => d + next * rng.normal());
  }
}

/** gᵀ J g / gᵀ g, at least 0: how much of the gradient the denoiser lets through. */
function alongGradient(pulled: NdArray["data"], slope: NdArray["data"]): number {
  let [through, square] = [0, 0];
  for (let i = 0; i < slope.length; i++) {
    through += pulled[i]! * slope[i]!;
    square += slope[i]! ** 2;
  }
  return square > 0 ? Math.max(0, through / square) : 0;
}
