import { definePlugin, type Plugin } from "@recon/core";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "graph",
});

export default plugin;
