import type { BenchCase } from "@recon/bench";
import { grain, moleculeGenerator, priorOnly, relaxed } from "@recon/graph";
import { largeMolecules, moleculeCase, moleculeModels, moleculeSource } from "../victims/molecule-case.ts";

/** What the searches beside an exact attack are told: it finds the number of atoms itself. */
const told = ["nodeCount", "auxiliaryData"];

function exactCases(
  id: string,
  model: keyof typeof moleculeModels,
  hidden: number,
  share: number,
  source = moleculeSource,
): readonly BenchCase[] {
  const on = { model: () => moleculeModels[model](hidden), source, observation: "float64" } as const;
  return [
    moleculeCase({
      ...on,
      id,
      attack: () => grain(),
      // What takes longer counts as missed.
      targets: { exact: ">=1", seconds: "<=60" },
      evaluations: 1_000_000,
      seeds: 100,
      share,
    }),
    moleculeCase({ ...on, id: `${id}/relaxed`, attack: () => relaxed(), told, evaluations: 1000, seeds: 20 }),
    moleculeCase({ ...on, id: `${id}/prior-only`, attack: () => priorOnly([moleculeGenerator()]), told, seeds: 20 }),
  ];
}

/** Molecules read out of one gradient, nothing told of them: 4 to 20 atoms, and with `-large` 21 to 34. */
export const exactGraphCases: readonly BenchCase[] = [
  ...exactCases("grain-300-b1", "gcn", 300, 0.9),
  ...exactCases("grain-64-b1", "gcn", 64, 0.7),
  ...exactCases("gat-300-b1", "gat", 300, 0.6),
  ...exactCases("grain-300-large", "gcn", 300, 0.9, largeMolecules),
];
