import type { Arrays } from "@recon/engine";
import type { Channel, Defence } from "../../problem.ts";
import { gaussianNoise } from "../channel/noise.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { observationSensitivity } from "./sensitivity.ts";

export interface OptimalNoiseOptions {
  /** k, the root mean square of the standard deviations over all entries. */
  readonly std: number;
}

/** |g| below which a gradient counts as this large, and the largest ratio c / |g|: without them single entries would take all the noise. */
const [least, most] = [1e-8, 1e6];

/**
 * Gaussian noise that is spent where an entry says most of the data: σ_k = k n_k / rms(n) with n_k = √(c_k / |g_k|) and c_k = ‖∂g_k/∂x‖.
 *
 * It minimises Σ c_k² / σ_k², on which the van Trees bound on any attacker rests, among all noise of equal cost Σ g_k² σ_k² to the training step. The
 * deviations depend on the data: this is not a differentially private mechanism. The attacker is told k and nothing of how it is shared out.
 *
 * @throws ReconError `bad-option` unless k is a number of at least 0.
 */
export function optimalNoise(options: OptimalNoiseOptions): Defence {
  refuseOtherOptions("optimal-noise", options, ["std"]);
  const std = numberOption("optimal-noise", "std", options.std, "non-negative");
  const told = gaussianNoise({ std }).channel!;
  return {
    name: "optimal-noise",
    options: { std },
    mechanism: [{ kind: "noise", distribution: "gaussian", scale: { std }, fromData: true }],
    // The attacker's likelihood takes the noise as equal everywhere, which it is not.
    channel: {
      ...told,
      ...(std > 0 && { likelihood: (observed: Arrays) => ({ ...told.likelihood!(observed), proper: false }) }),
    },
    fit: async (victim): Promise<Channel> => {
      const squares = await observationSensitivity(victim);
      return { ...told, apply: (clean, rng) => withNoise(clean, squares, std, (n) => n * rng.normal()) };
    },
  };
}

function withNoise(
  clean: Arrays,
  squares: Readonly<Record<string, Float64Array>>,
  std: number,
  draw: (deviation: number) => number,
): Arrays {
  const shares = Object.fromEntries(
    Object.entries(clean).map(([name, { data }]) => [
      name,
      Float64Array.from(data, (g, k) => Math.sqrt(relativeSensitivity(squares[name]![k]!, g))),
    ]),
  );
  const all = Object.values(shares);
  const total = all.reduce((sum, list) => sum + list.reduce((part, n) => part + n * n, 0), 0);
  const scale = std / Math.sqrt(total / all.reduce((n, list) => n + list.length, 0));
  return Object.fromEntries(
    Object.entries(clean).map(([name, { shape, data }]) => {
      const noisy = data.map((g, k) => (scale > 0 ? g + draw(scale * shares[name]![k]!) : g));
      return [name, { shape, data: noisy }];
    }),
  );
}

/** c / |g|, bounded: how much an entry reveals for what it is worth to training. */
export function relativeSensitivity(square: number, g: number): number {
  return Math.min(Math.sqrt(square) / Math.max(Math.abs(g), least), most);
}
