export { cosine, type MaskedCosineOptions, maskedCosine } from "./cosine.ts";
export { type CosineLayerOptions, cosineLayer } from "./cosine-layer.ts";
export type { Discrepancy } from "./discrepancy.ts";
export { l1 } from "./l1.ts";
export type { LayerWeighting } from "./layer-weights.ts";
export { type LikelihoodOptions, likelihood } from "./likelihood.ts";
export { squared } from "./squared.ts";
export { type TagOptions, tag } from "./tag.ts";
