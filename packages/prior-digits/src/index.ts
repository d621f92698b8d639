export { type DigitsPriorOptions, digitsDenoiser } from "./denoiser.ts";
export { digitsGenerator } from "./generator.ts";
export { default } from "./plugin.ts";
export { split } from "./split.ts";
