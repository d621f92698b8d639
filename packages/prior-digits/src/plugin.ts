import { definePlugin, type Plugin } from "@recon/core";
import { type DigitsPriorOptions, digitsDenoiser } from "./denoiser.ts";
import { digitsGenerator } from "./generator.ts";

/** The priors of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "prior-digits",
  priors: {
    "digits-denoiser": (options) => digitsDenoiser(options as DigitsPriorOptions),
    "digits-generator": (options) => digitsGenerator(options as DigitsPriorOptions),
  },
});

export default plugin;
