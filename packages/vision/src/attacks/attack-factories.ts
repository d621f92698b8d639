import type { Plugin } from "@recon/core";
import { auto } from "./auto.ts";
import { dlg, idlg } from "./dlg.ts";
import { featureMatching } from "./feature-matching.ts";
import { generatorSearch } from "./generator-search.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";

/** Every attack of this package by the name an audit file uses; the exact ones are core's. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  dlg: (options, { priors }) => dlg(options, priors),
  idlg: (options, { priors }) => idlg(options, priors),
  "inverting-gradients": (options, { priors }) => invertingGradients(options, priors),
  map: (options, { priors }) => maximumAPosteriori(options, priors),
  "feature-matching": (options) => featureMatching(options),
  "generator-search": (options, { priors }) => generatorSearch(options, priors),
  auto: (_options, { priors }) => auto(priors),
};
