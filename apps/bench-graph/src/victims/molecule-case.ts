import { type AuditCaseOptions, auditCase, type BenchCase } from "@recon/bench";
import { defaultKnowledge, type Flag, type Model } from "@recon/core";
import { gat, gcn, molecules } from "@recon/graph";

/** Molecules of 4 to 20 atoms, for the list has no larger ones, from that part of the mutagenic list which no prior and no victim learns from. */
export const moleculeSource: ReturnType<typeof molecules> = molecules();

/** The larger ones that the package holds, of 21 to 34 atoms: what molecules of its lists have in common. */
export const largeMolecules: ReturnType<typeof molecules> = molecules({ lists: ["substructures"], atoms: [21, 40] });

/** Graph networks on them, with the weights that they start with. */
export const moleculeModels = {
  gcn: (hidden: number): Model => gcn({ hidden }, dataToFit()),
  gat: (hidden: number): Model => gat({ hidden }, dataToFit()),
} as const;

function dataToFit() {
  const { domain } = moleculeSource;
  return { input: [domain.largest, domain.features + domain.largest], classes: 2, domain } as const;
}

export interface MoleculeCaseOptions extends Omit<AuditCaseOptions, "suite" | "source" | "known"> {
  /** What is told beside the default knowledge. */
  readonly told?: readonly Flag[];
  /** `moleculeSource` unless said. */
  readonly source?: typeof moleculeSource;
}

/** One attack, a molecule a seed; drawn by the seed with no other selection. */
export function moleculeCase({ told = [], source = moleculeSource, ...options }: MoleculeCaseOptions): BenchCase {
  return auditCase({
    ...options,
    suite: "molecules",
    source: () => source,
    known: [...defaultKnowledge, ...told],
  });
}
