/** A name from a file for use in a message: quoted, without control characters, and cut where it is long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}

/** A shape for use in a message. */
export function listShape(shape: readonly (number | string)[]): string {
  return `[${shape.slice(0, 12).join(", ")}${shape.length > 12 ? ", ..." : ""}]`;
}
