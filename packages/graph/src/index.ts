export { auto } from "./attacks/auto.ts";
export { type GrainOptions, grain } from "./attacks/grain.ts";
export { type GraphMiOptions, graphMi } from "./attacks/graph-mi.ts";
export { type LinkStealingOptions, linkStealing } from "./attacks/link-stealing.ts";
export { priorOnly } from "./attacks/prior-only.ts";
export { type RelaxedOptions, relaxed } from "./attacks/relaxed.ts";
export { type EdgeListOptions, edgeList } from "./data/edge-list.ts";
export type { EdgeSource } from "./data/edge-source.ts";
export { karate } from "./data/karate.ts";
export { miserables } from "./data/miserables.ts";
export type { MoleculeList } from "./data/molecule-lists.ts";
export type { MoleculeOptions } from "./data/molecule-options.ts";
export type { MoleculeSource } from "./data/molecule-source.ts";
export { type MoleculesOptions, molecules } from "./data/molecules.ts";
export { type SmilesOptions, smiles } from "./data/smiles.ts";
export {
  type BlindGraph,
  type GraphDomain,
  type GraphDomainOptions,
  type GraphKind,
  graphDomain,
  isGraphDomain,
} from "./domain.ts";
export type { FeatureGroup, FeatureTable } from "./graphs/feature-table.ts";
export { isomorphism } from "./graphs/isomorphism.ts";
export { decodeGraph, encodeGraph, type LabelledGraph } from "./graphs/labelled-graph.ts";
export { type GatOptions, gat } from "./models/gat.ts";
export { gcn } from "./models/gcn.ts";
export { gin } from "./models/gin.ts";
export type { GraphModelOptions } from "./models/graph-model.ts";
export { graphSage } from "./models/graph-sage.ts";
export { atomTable } from "./molecules/atom-table.ts";
export { graphMolecule } from "./molecules/graph-molecule.ts";
export type { Atom, Bond, Molecule } from "./molecules/molecule.ts";
export { moleculeGraph } from "./molecules/molecule-graph.ts";
export { default } from "./plugin.ts";
export { type MoleculeGeneratorOptions, moleculeGenerator } from "./priors/molecule-generator.ts";
export { graphFlags } from "./told.ts";
