import { basename } from "node:path";

/** A name for each file's scenario: the file's own name in lower case and dashes, numbered where two are the same. */
export function scenarioIds(paths: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const word = basename(path)
      .replace(/\.(ya?ml|json)$/i, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "");
    const name = word === "" ? "scenario" : word;
    let id = name;
    for (let number = 2; taken.has(id); number++) id = `${name}-${number}`;
    taken.add(id);
    return id;
  });
}
