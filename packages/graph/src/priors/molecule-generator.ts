import { type Domain, ReconError, rng, type StructurePrior, type StructureScorer } from "@recon/core";
import { type Checks, checkOptions, listOf, oneOf, real } from "@recon/core/options";
import { moleculeLists, partList } from "../data/molecule-lists.ts";
import { type MoleculesOptions, molecules } from "../data/molecules.ts";
import { isGraphDomain } from "../domain.ts";
import { decodeGraph, type LabelledGraph } from "../graphs/labelled-graph.ts";
import { moleculeScorer } from "./molecule-scorer.ts";

/** Which molecules it learns from: those that `molecules` with the same options holds apart for training. */
export type MoleculeGeneratorOptions = Pick<MoleculesOptions, "lists" | "training">;

const checks: Checks<MoleculeGeneratorOptions> = {
  lists: listOf(oneOf([...moleculeLists, partList])),
  training: real(0, 0.95),
};

/** What was learned in this process: reading the lists takes seconds, and equal options learn the same. */
const kept = new Map<string, Promise<StructureScorer>>();

/**
 * Molecules grown atom by atom and bond by bond, by how often atoms and neighbours occur and rings close in real ones.
 *
 * It ranks graphs by p(G) ∝ ∏ p(atom) ∏ r(atom, atom) ∏ p(ring size), the products over atoms, bonds and rings, which on trees of one size is how probable it is to grow them. Draws are molecules:
 * valences are masked while they grow, and one in which no orders of bonds give the features is drawn again.
 *
 * @throws ReconError `bad-option`; when it is first asked `missing-package`, `data-does-not-fit` for a domain of other things than molecules.
 */
export function moleculeGenerator(options: MoleculeGeneratorOptions = {}): StructurePrior {
  checkOptions("molecule-generator", options, checks);
  return {
    kind: "structure",
    name: "molecule-generator",
    options: { ...options },
    scorer: (domain) => {
      const key = JSON.stringify([options, domain.options]);
      const found = kept.get(key) ?? learned(domain, options);
      kept.set(key, found);
      return found;
    },
  };
}

async function learned(domain: Domain, options: MoleculeGeneratorOptions): Promise<StructureScorer> {
  if (!isGraphDomain(domain) || domain.kind !== "molecule") {
    throw new ReconError(
      "data-does-not-fit",
      `molecule-generator knows molecules, and the data is of the domain ${domain.name}. Choose another prior, or data of molecules.`,
    );
  }
  const { table } = domain;
  const source = molecules({ ...options, degree: table.some(({ name }) => name === "degree") });
  const { training } = await source.open();
  const graphs: LabelledGraph[] = [];
  for (let i = 0; i < training!.size; i++) graphs.push(decodeGraph((await training!.item(i)).input, table));
  return moleculeScorer(graphs, domain, rng("molecule generator"));
}
