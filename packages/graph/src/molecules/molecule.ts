/** An atom other than a bound hydrogen. */
export interface Atom {
  /** Symbol, as `C` or `Cl`. */
  readonly element: string;
  readonly charge: number;
  /** Bound hydrogens. */
  readonly hydrogens: number;
  readonly aromatic: boolean;
  /** In a ring. */
  readonly ring: boolean;
}

export interface Bond {
  readonly from: number;
  readonly to: number;
  /** 1, 2 or 3, aromatic rings written with alternating ones; 0 for a bond to a metal that counts in no valence. */
  readonly order: number;
}

/** A molecule without its hydrogens, without coordinates and without stereochemistry. */
export interface Molecule {
  readonly atoms: readonly Atom[];
  readonly bonds: readonly Bond[];
}
