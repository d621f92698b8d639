import { definePlugin, type Plugin } from "@recon/core";
import { molecules } from "./data/molecules.ts";
import { gcn } from "./models/gcn.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "graph",
  data: {
    molecules: (options) => molecules(options),
  },
  models: {
    gcn: (options, data) => gcn(options, data),
  },
});

export default plugin;
