import type { Arrays } from "@recon/engine";
import type { Channel, Defence } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { drawLike } from "../draw.ts";
import { broken, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";

export interface ChannelLawOptions extends Repetition {
  /** The same defence at zero strength: one that must change nothing. */
  readonly zero?: () => Defence;
  /** Size of the drawn observations (root mean square of an entry); 1 unless said. */
  readonly scale?: number;
  /** Whether the known part has derivatives that finite differences can check; true unless said. */
  readonly smooth?: boolean;
  /** Whether the likelihood is best at the observation itself; false for one that says on which side of a bound the clean value lies. True unless said. */
  readonly centred?: boolean;
  /** Relative accuracy of the stated noise, 0.1 unless said: noise that depends on the clean value can only be estimated from what is observed. */
  readonly noiseAccuracy?: number;
}

export type ChannelLaw = Law<Defence, ChannelLawOptions>;

/** What the laws draw observations of. */
export const shapes: Readonly<Record<string, { readonly shape: readonly number[] }>> = {
  weight: { shape: [4, 6] },
  bias: { shape: [4] },
  scale: { shape: [] },
};

/** A clean observation. */
export function drawClean({ scale = 1 }: ChannelLawOptions, rng: Rng): Arrays {
  const drawn = drawLike(shapes, rng.split("clean"));
  return Object.fromEntries(
    Object.entries(drawn).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (v) => scale * v) },
    ]),
  );
}

/** @throws ReconError `law-broken` where the defence has none. */
export function channelOf(defence: Defence): Channel {
  if (defence.channel === undefined) throw broken(`The defence "${defence.name}" has no channel.`);
  return defence.channel;
}
