import type { Shape } from "@recon/engine";
import { EngineError } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Json } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import type { Law } from "../law.ts";

/** How the pieces of a plugin are tried. */
export interface LawSetting {
  /** Drawn cases a law; 3 unless said. */
  readonly runs?: number;
  /** Of the first case; the next ones follow it. 1 unless said. */
  readonly seed?: number;
  /** Shape of one item, without the batch axis, for pieces that are tried on numbers; that of the plugin's data, or one that the piece takes, unless said. */
  readonly shape?: Shape;
  /** Options of the pieces; none unless said. */
  readonly options?: { readonly [key: string]: Json };
  /** Names of the pieces to try; all unless said. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Laws of one piece with everything that they need. */
export interface Suite {
  /** What the piece is tried as and on, such as `prior, batches of [8]`. */
  readonly title: string;
  readonly laws: readonly { readonly name: string; check(rng: Rng): Promise<void> }[];
}

/** Why a piece cannot be tried here. */
export interface Skip {
  readonly skipped: string;
}

/** Binds laws to their subject. */
export function suite<Subject, Options>(
  title: string,
  laws: readonly Law<Subject, Options>[],
  make: () => Subject,
  options: Options,
): Suite {
  return { title, laws: laws.map(({ name, check }) => ({ name, check: (rng) => check(make, options, rng) })) };
}

/** An error that a piece made for its reader, in its words; anything else is thrown. */
export function saidBy(error: unknown): string {
  if (error instanceof ReconError || error instanceof EngineError) return error.message;
  // Another copy of core or the engine, as a package that bundles its own has.
  if (error instanceof Error && ["ReconError", "EngineError"].includes(error.name)) return error.message;
  throw error;
}
