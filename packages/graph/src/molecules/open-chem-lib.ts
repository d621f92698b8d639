import { createRequire } from "node:module";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import type * as OpenChemLib from "openchemlib";
import type { Atom, Bond, Molecule } from "./molecule.ts";

const packageName = "openchemlib";

/** The chemistry package as installed for the working directory; loaded when it is first needed. @throws ReconError `missing-package`. */
export function openChemLib(usedBy: string): typeof OpenChemLib {
  const folder = installedPackage(packageName, usedBy);
  try {
    return createRequire(join(folder, "package.json"))("./dist/openchemlib.js") as typeof OpenChemLib;
  } catch (cause) {
    throw new ReconError(
      "missing-package",
      `${usedBy}: the package ${packageName} cannot be loaded. Run: npm install ${packageName}@9`,
      { cause },
    );
  }
}

/** Reads one molecule from a code. */
export type MoleculeReader = (code: string) => Molecule;

/** Codes that were read: each source of a process reads the same lists, and reading takes seconds. */
const known = new Map<string, Molecule>();

/** Reads the identity codes of OpenChemLib; each code once in a process. */
export function idCodeReader(usedBy: string): MoleculeReader {
  const { Molecule } = openChemLib(usedBy);
  return (code) => {
    const found = known.get(code);
    if (found !== undefined) return found;
    const parsed = Molecule.fromIDCode(code, false);
    // A part of a molecule has no hydrogens of its own; as a molecule it has.
    parsed.setFragment(false);
    const molecule = plainMolecule(Molecule, parsed);
    known.set(code, molecule);
    return molecule;
  };
}

/** Reads SMILES; throws the parser's own error for what is none. */
export function smilesReader(usedBy: string): MoleculeReader {
  const { Molecule } = openChemLib(usedBy);
  return (code) => plainMolecule(Molecule, Molecule.fromSmiles(code, { noCoordinates: true }));
}

/** A molecule of the chemistry package as plain data: isotopes are no feature, and hydrogens no atoms. */
export function plainMolecule({ cHelperRings }: typeof OpenChemLib.Molecule, molecule: OpenChemLib.Molecule): Molecule {
  const atoms = Array.from({ length: molecule.getAllAtoms() }, (_, atom) => atom);
  // Heavy hydrogen would stay an atom.
  for (const atom of atoms) if (molecule.getAtomMass(atom) !== 0) molecule.setAtomMass(atom, 0);
  // Most codes write none, and the package takes longer to look for them than for all else.
  if (atoms.some((atom) => molecule.getAtomicNo(atom) === 1)) molecule.removeExplicitHydrogens();
  molecule.ensureHelperArrays(cHelperRings);
  return {
    atoms: Array.from(
      { length: molecule.getAllAtoms() },
      (_, atom): Atom => ({
        element: molecule.getAtomLabel(atom),
        charge: molecule.getAtomCharge(atom),
        hydrogens: molecule.getAllHydrogens(atom),
        aromatic: molecule.isAromaticAtom(atom),
        ring: molecule.isRingAtom(atom),
      }),
    ),
    bonds: Array.from(
      { length: molecule.getAllBonds() },
      (_, bond): Bond => ({
        from: molecule.getBondAtom(0, bond),
        to: molecule.getBondAtom(1, bond),
        order: molecule.getBondOrder(bond),
      }),
    ),
  };
}

/** A molecule as an object of the chemistry package; elements without a column become the atom `?`. */
export function chemistryMolecule(library: typeof OpenChemLib, { atoms, bonds }: Molecule): OpenChemLib.Molecule {
  const { Molecule } = library;
  const result = new Molecule(Math.max(1, atoms.length), Math.max(1, bonds.length));
  for (const { element, charge } of atoms) {
    const atom = result.addAtom(element === "other" ? 0 : Molecule.getAtomicNoFromLabel(element));
    result.setAtomCharge(atom, charge);
  }
  for (const { from, to, order } of bonds) result.setBondOrder(result.addBond(from, to), order);
  return result;
}
