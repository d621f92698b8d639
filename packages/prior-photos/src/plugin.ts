import { definePlugin, type Plugin } from "@recon/core";
import { type PhotosPriorOptions, photosDenoiser } from "./denoiser.ts";

/** The prior of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "prior-photos",
  priors: { "photos-denoiser": (options) => photosDenoiser(options as PhotosPriorOptions) },
});

export default plugin;
