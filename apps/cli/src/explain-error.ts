import { exitCodes } from "./exit-codes.ts";
import { isReconError } from "./recon-error.ts";

/** Codes of errors that come from the machine or the program rather than from what the user wrote. */
const notTheUsers: readonly string[] = ["runtime", "disposed", "unsupported-op"];

/**
 * An error in words. One with a code of recon's or the engine's is the user's to mend: its message stands alone.
 * Anything else is a defect: it says how to see more.
 */
export function explainError(
  error: unknown,
  debug: boolean,
): { readonly lines: readonly string[]; readonly exitCode: number } {
  const stack = debug && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  const message = error instanceof Error ? error.message : String(error);
  if (isReconError(error)) {
    const exitCode = notTheUsers.includes(error.code) ? exitCodes.failed : exitCodes.userError;
    return { lines: [`recon: ${message}`, ...stack], exitCode };
  }
  const hint = debug ? [] : ["This is not your fault. Run the command again with --debug to see where it happened."];
  return { lines: [`recon: unexpected failure: ${message}`, ...stack, ...hint], exitCode: exitCodes.failed };
}
