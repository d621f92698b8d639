import type { Json } from "@recon/core";
import type { Catalogue, PieceKind, PiecesOf } from "../plugins/catalogue.ts";
import { isReconError } from "../recon-error.ts";
import type { NamedPart } from "./audit-file.ts";
import type { FileProblem } from "./explain-issues.ts";
import type { KeyPath } from "./positions.ts";

export type Options = { readonly [key: string]: Json };

/** Builds the parts that a file names, and keeps what goes wrong with its place in the file, so that all of it is said at once. */
export interface PartBuilder {
  /** Finds a factory by name and calls it; `undefined` when that failed, which `problems` then explains. */
  build<K extends PieceKind, T>(
    kind: K,
    part: NamedPart,
    path: KeyPath,
    make: (factory: PiecesOf<K>[string], options: Options) => T,
  ): T | undefined;
  /** Notes something else that is wrong. */
  complain(path: KeyPath, message: string): void;
  readonly problems: readonly FileProblem[];
}

export function partBuilder(catalogue: Catalogue): PartBuilder {
  const problems: FileProblem[] = [];
  return {
    problems,
    complain: (path, message) => problems.push({ path, message }),
    build(kind, part, path, make) {
      const name = typeof part === "string" ? part : part.name;
      // The schema and the check for finite numbers have left only JSON.
      const options = ((typeof part === "string" ? undefined : part.options) ?? {}) as Options;
      const optionsPath = [...path, "options"];
      try {
        const factory = catalogue.find(kind, name);
        return make(factory, options);
      } catch (error) {
        if (!isReconError(error)) throw error;
        const option = Object.keys(options).find((key) => error.message.includes(`"${key}"`));
        const place =
          error.code !== "bad-option" ? path : option === undefined ? optionsPath : [...optionsPath, option];
        problems.push({ path: place, message: error.message });
        return undefined;
      }
    },
  };
}
