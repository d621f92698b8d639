import { definePlugin, type Plugin } from "@recon/core";
import { attackFactories } from "./attacks/attack-factories.ts";
import { type EdgeListOptions, edgeList } from "./data/edge-list.ts";
import { karate } from "./data/karate.ts";
import { miserables } from "./data/miserables.ts";
import { molecules } from "./data/molecules.ts";
import { type SmilesOptions, smiles } from "./data/smiles.ts";
import { gat } from "./models/gat.ts";
import { gcn } from "./models/gcn.ts";
import { gin } from "./models/gin.ts";
import { graphSage } from "./models/graph-sage.ts";
import { moleculeGenerator } from "./priors/molecule-generator.ts";
import { graphFlags } from "./told.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "graph",
  data: {
    "edge-list": (options) => edgeList(options as unknown as EdgeListOptions),
    karate: (options) => karate(options as Record<string, never>),
    miserables: (options) => miserables(options as Record<string, never>),
    molecules: (options) => molecules(options),
    smiles: (options) => smiles(options as unknown as SmilesOptions),
    // What an audit file asks for that gives a path alone: `data: { path: molecules.smi }`.
    folder: (options) => smiles(options as unknown as SmilesOptions),
  },
  models: {
    gat: (options, data) => gat(options, data),
    gcn: (options, data) => gcn(options, data),
    gin: (options, data) => gin(options, data),
    "graph-sage": (options, data) => graphSage(options, data),
  },
  priors: { "molecule-generator": (options) => moleculeGenerator(options) },
  attacks: attackFactories,
  flags: graphFlags,
});

export default plugin;
