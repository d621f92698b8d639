import { type Check, type Checks, flag, real } from "@recon/core/options";

/** What every source of molecules can be told. */
export interface MoleculeOptions {
  /** Fewest and most atoms other than hydrogen, [4, 40] unless said. Others are left out. */
  readonly atoms?: readonly [number, number];
  /** Share of the molecules that victims and priors may be trained on, and that no trial draws; ½ unless said. */
  readonly training?: number;
  /** Whether the features of an atom tell its degree; true unless said. */
  readonly degree?: boolean;
}

const extents: Check<readonly [number, number]> = {
  allowed: "two whole numbers of at least 1, the smaller first",
  is: (value): value is readonly [number, number] =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every(Number.isSafeInteger) &&
    value[0] >= 1 &&
    value[0] <= value[1] &&
    value[1] <= 1000,
};

export const moleculeChecks: Checks<MoleculeOptions> = { atoms: extents, training: real(0, 0.95), degree: flag() };

/** The options with what holds unless said. */
export function filledOptions({
  atoms = [4, 40],
  training = 0.5,
  degree = true,
}: MoleculeOptions): Required<MoleculeOptions> {
  return { atoms, training, degree };
}
