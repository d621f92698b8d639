export { type ClipNormOptions, clipNorm } from "./channel/clip.ts";
export { type GaussianNoiseOptions, gaussianNoise } from "./channel/noise.ts";
export { composeDefences } from "./compose.ts";
export { defenceFactories } from "./factories.ts";
