import type { Arrays } from "@recon/engine";
import { firstNonFinite } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import type { EnergyPrior, GeneratorPrior } from "../problem.ts";

/** What priors made of the point that a search starts from. */
export interface StartValues {
  readonly unknowns: Arrays;
  /** The candidate, as the generator made it. */
  readonly decoded: Arrays;
  /** Of the observation alone, and with the energies. */
  readonly discrepancy: number;
  readonly value: number;
}

/**
 * Refuses a prior that returns NaN or an infinity where a search starts: nothing could be learned from such a search, and only the prior is to blame.
 * Further on, a search may leave the region where a prior has a value, which is for the solver to say.
 *
 * @throws ReconError `prior-not-finite`, naming the prior.
 */
export function demandFinitePriors(
  { generator, energies }: { readonly generator?: GeneratorPrior; readonly energies: readonly EnergyPrior[] },
  { unknowns, decoded, discrepancy, value }: StartValues,
): void {
  if (generator !== undefined) {
    const start = firstNonFinite(unknowns);
    const named = `The generator "${generator.name}"`;
    const advice = "Try its laws: recon laws <package>";
    if (start !== undefined) {
      const what = `${named} starts a search from NaN or an infinity, in its variable "${start.replace(/^latent /, "")}"`;
      throw new ReconError("prior-not-finite", `${what}. ${advice}.`);
    }
    if (firstNonFinite(decoded) !== undefined) {
      const what = `${named} returns NaN or an infinity for the variables that it starts from`;
      throw new ReconError(
        "prior-not-finite",
        `${what}. Are its weights sound, and is the shape one it was made for? ${advice}.`,
      );
    }
  }
  if (energies.length === 0 || Number.isFinite(value) || !Number.isFinite(discrepancy)) return;
  const names = energies.map(({ name }) => `"${name}"`).join(", ");
  const which = energies.length === 1 ? `The prior ${names}` : `One of the priors ${names}`;
  throw new ReconError(
    "prior-not-finite",
    `${which} returns ${value} where the search starts. Try its laws: recon laws <package>.`,
  );
}
