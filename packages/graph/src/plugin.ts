import { definePlugin, type Plugin } from "@recon/core";
import { molecules } from "./data/molecules.ts";
import { gat } from "./models/gat.ts";
import { gcn } from "./models/gcn.ts";
import { gin } from "./models/gin.ts";
import { graphSage } from "./models/graph-sage.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "graph",
  data: {
    molecules: (options) => molecules(options),
  },
  models: {
    gat: (options, data) => gat(options, data),
    gcn: (options, data) => gcn(options, data),
    gin: (options, data) => gin(options, data),
    "graph-sage": (options, data) => graphSage(options, data),
  },
});

export default plugin;
