export { type PhotosPriorOptions, photosDenoiser } from "./denoiser.ts";
export { default } from "./plugin.ts";
export { auditPhotographs, trainingPhotographs } from "./split.ts";
