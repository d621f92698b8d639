export { type EuclideanOptions, relativeRms, rms } from "./euclidean.ts";
