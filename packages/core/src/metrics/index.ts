export { type EuclideanOptions, relativeRms, rms } from "./euclidean.ts";
export { meanSquaredError } from "./mean-squared-error.ts";
