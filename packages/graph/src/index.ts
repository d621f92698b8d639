export { type MoleculesOptions, molecules } from "./data/molecules.ts";
export { type GraphDomain, type GraphDomainOptions, graphDomain, isGraphDomain } from "./domain.ts";
export { gcn } from "./models/gcn.ts";
export type { GraphModelOptions } from "./models/graph-model.ts";
export { default } from "./plugin.ts";
