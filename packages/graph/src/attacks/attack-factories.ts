import type { Plugin } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { auto } from "./auto.ts";
import { grain } from "./grain.ts";
import { graphMi } from "./graph-mi.ts";
import { linkStealing } from "./link-stealing.ts";
import { priorOnly } from "./prior-only.ts";
import { relaxed } from "./relaxed.ts";

/** Every attack of this package by the name an audit file uses. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  grain: (options, { priors }) => grain(options, priors),
  relaxed: (options, { priors }) => relaxed(options, priors),
  "graph-mi": (options) => graphMi(options),
  "link-stealing": (options) => linkStealing(options),
  "prior-only": (options, { priors }) => {
    checkOptions("prior-only", options, {});
    return priorOnly(priors);
  },
  auto: (options, { priors }) => {
    checkOptions("auto", options, {});
    return auto(priors);
  },
};
