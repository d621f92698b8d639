export { type MoleculesOptions, molecules } from "./data/molecules.ts";
export { type GraphDomain, type GraphDomainOptions, graphDomain, isGraphDomain } from "./domain.ts";
export { type GatOptions, gat } from "./models/gat.ts";
export { gcn } from "./models/gcn.ts";
export { gin } from "./models/gin.ts";

export type { GraphModelOptions } from "./models/graph-model.ts";
export { graphSage } from "./models/graph-sage.ts";
export { default } from "./plugin.ts";
