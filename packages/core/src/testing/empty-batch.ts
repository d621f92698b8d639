import { type Arrays, EngineError } from "@recon/engine";
import { firstNonFinite } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import { broken } from "./law.ts";

/**
 * Demands of what is made of a batch of none that it is refused in words, or finite.
 *
 * @throws ReconError `law-broken` for NaN, an infinity, or an error that nobody wrote for a reader.
 */
export function demandNothingFromNothing(make: () => Arrays): void {
  let made: Arrays;
  try {
    made = make();
  } catch (error) {
    if (error instanceof ReconError || error instanceof EngineError) return;
    throw broken(`Of a batch of none it makes the error: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const name = firstNonFinite(made);
  if (name !== undefined)
    throw broken(`Of a batch of none it makes NaN or an infinity, in "${name}", and says nothing.`);
}
