import { type AuditCaseOptions, auditCase, type BenchCase } from "@recon/bench";
import { defaultKnowledge, type Flag, type Model } from "@recon/core";
import { gat, gcn, molecules } from "@recon/graph";

/** Molecules of 4 to 40 atoms from that part of the mutagenic list which no prior and no victim learns from. */
export const moleculeSource: ReturnType<typeof molecules> = molecules();

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
}

/** One attack, a molecule a seed; drawn by the seed with no other selection. */
export function moleculeCase({ told = [], ...options }: MoleculeCaseOptions): BenchCase {
  return auditCase({
    ...options,
    suite: "molecules",
    source: () => moleculeSource,
    known: [...defaultKnowledge, ...told],
  });
}
