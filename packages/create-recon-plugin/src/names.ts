/** The kinds of pieces that a package can be started with. */
export const kinds = ["prior", "model", "attack"] as const;

export type Kind = (typeof kinds)[number];

/** The names of a new package and of its one piece. */
export interface Names {
  readonly kind: Kind;
  /** As on the registry: `recon-prior-soft-edges`. */
  readonly package: string;
  /** As in an audit file: `soft-edges`. */
  readonly piece: string;
  /** As in code: `softEdges`. */
  readonly factory: string;
}

/** Names of plugins that exist: another one of the same name could not be used beside them. */
const taken: readonly string[] = ["core", "vision", "text", "timeseries", "graph"];

/** Words that are no names of functions. */
const reserved: readonly string[] = [
  "default",
  "delete",
  "export",
  "import",
  "new",
  "class",
  "function",
  "return",
  "this",
  "with",
];

/**
 * The names that follow from what was asked for: `soft-edges`, or the whole name of a package, `recon-prior-soft-edges`.
 *
 * @throws Error that says what a name may be.
 */
export function namesOf(asked: string, kind: Kind): Names {
  const piece = asked.startsWith(`recon-${kind}-`) ? asked.slice(`recon-${kind}-`.length) : asked;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(piece) || piece.length > 60) {
    throw new Error(
      `"${asked}" cannot be a name. Allowed: lower-case letters, digits and single hyphens, such as soft-edges.`,
    );
  }
  if (taken.includes(piece)) throw new Error(`"${piece}" is the name of a package of recon. Choose another one.`);
  const factory = piece.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (reserved.includes(factory)) throw new Error(`"${piece}" is a word of the language. Choose another one.`);
  return { kind, package: `recon-${kind}-${piece}`, piece, factory };
}
