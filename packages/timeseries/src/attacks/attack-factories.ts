import { type EnergyPrior, gaussNewton, type Json, type Plugin } from "@recon/core";
import { badOption, checkOptions } from "@recon/core/options";
import { dataFactories } from "../data/data-factories.ts";
import { auto } from "./auto.ts";
import { type AuxiliaryWindows, auxiliaryWindows } from "./auxiliary-windows.ts";
import { dia } from "./dia.ts";
import { dlg } from "./dlg.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { priorOnly, quantileInversion } from "./quantile-inversion.ts";
import { temporalRecursion } from "./temporal-recursion.ts";
import { tsInverse } from "./ts-inverse.ts";

type Options = { readonly [key: string]: Json };

/** Every attack of this package by the name an audit file uses; the exact ones are core's. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  dlg: (options, { priors }) => dlg(options, priors),
  "inverting-gradients": (options, { priors }) => invertingGradients(options, priors),
  dia: (options, { priors }) => dia(options, priors),
  "temporal-recursion": (options) => {
    checkOptions("temporal-recursion", options, {});
    return temporalRecursion();
  },
  "ts-inverse": (options, { priors }) => {
    const { auxiliary, ...others } = options;
    return tsInverse(others, priors, auxiliary === undefined ? undefined : windowsOf("ts-inverse", auxiliary));
  },
  "gauss-newton": (options, { priors }) =>
    gaussNewton(
      options,
      priors.filter((one): one is EnergyPrior => one.kind === "energy"),
    ),
  "quantile-inversion": (options) => quantileInversion(...withWindows("quantile-inversion", options)),
  "prior-only": (options) => priorOnly(...withWindows("prior-only", options)),
  auto: (options, { priors }) => {
    checkOptions("auto", options, {});
    return auto(priors);
  },
};

function withWindows(attack: string, { auxiliary, ...others }: Options): [AuxiliaryWindows, Options] {
  return [windowsOf(attack, auxiliary), others];
}

/** The windows that option `auxiliary` names: the training part of one of this package's sources, as `{ data: seattle, options: { ... } }`. */
function windowsOf(attack: string, auxiliary: Json | undefined): AuxiliaryWindows {
  const names = Object.keys(dataFactories);
  const allowed = `{ data, options } with data one of ${names.join(", ")}`;
  if (typeof auxiliary !== "object" || auxiliary === null || Array.isArray(auxiliary)) {
    throw badOption(attack, "auxiliary", auxiliary, allowed);
  }
  const { data, options = {}, ...rest } = auxiliary as Options;
  const known = typeof data === "string" && Object.hasOwn(dataFactories, data);
  if (!known || Object.keys(rest).length > 0 || typeof options !== "object" || options === null) {
    throw badOption(attack, "auxiliary", auxiliary, allowed);
  }
  return auxiliaryWindows(dataFactories[data]!(options as Options));
}
