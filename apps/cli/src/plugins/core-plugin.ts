import {
  attackFactories,
  defenceFactories,
  definePlugin,
  generalFlags,
  gradient,
  type Plugin,
  stationarity,
  type UpdateOptions,
  update,
} from "@recon/core";

/** What core itself brings, in the form of a plugin; it is always loaded, and its names are `core/...` where another package has the same. */
export const corePlugin: Plugin = definePlugin({
  specVersion: 1,
  name: "core",
  operators: {
    gradient,
    update: (options) => update(options as unknown as UpdateOptions),
    stationarity,
  },
  defences: defenceFactories,
  attacks: attackFactories,
  flags: generalFlags,
});
