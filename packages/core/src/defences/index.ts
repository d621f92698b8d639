export { type ClipNormOptions, clipNorm } from "./channel/clip.ts";
export { type LaplaceNoiseOptions, laplaceNoise } from "./channel/laplace.ts";
export { type GaussianNoiseOptions, gaussianNoise } from "./channel/noise.ts";
export { composeDefences } from "./compose.ts";
export { type DpSgdOptions, dpSgd } from "./dp-sgd.ts";
export { defenceFactories } from "./factories.ts";
export { type ClipPerSampleOptions, clipPerSample } from "./operator/clip-per-sample.ts";
export { type SecureAggregationOptions, secureAggregation } from "./operator/secure-aggregation.ts";
