import type { Factory } from "../plugin.ts";
import type { Defence } from "../problem.ts";
import { type ClipNormOptions, clipNorm } from "./channel/clip.ts";
import { type GaussianNoiseOptions, gaussianNoise } from "./channel/noise.ts";

/** Core's defences by name, from JSON options; each checks its options and names what is wrong. */
export const defenceFactories: Readonly<Record<string, Factory<Defence>>> = {
  "clip-norm": (options) => clipNorm(options as unknown as ClipNormOptions),
  "gaussian-noise": (options) => gaussianNoise(options as unknown as GaussianNoiseOptions),
};
