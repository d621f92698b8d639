/**
 * Whether an error is one of recon's or the engine's, which carry a code and a message for people.
 *
 * Told by name and not by class: a plugin may bring its own copy of core.
 */
export function isReconError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !["ReconError", "EngineError"].includes(error.name)) return false;
  return "code" in error && typeof error.code === "string";
}
