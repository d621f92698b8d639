import type { Plugin } from "@recon/core";
import { relaxed } from "./relaxed.ts";

/** Every attack of this package by the name an audit file uses. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  relaxed: (options, { priors }) => relaxed(options, priors),
};
