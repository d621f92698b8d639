import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { type EdgeSource, edgeSource } from "./edge-source.ts";
import type { NamedGraph } from "./named-graph.ts";

/**
 * Who appears together in a chapter of "Les Misérables": 77 persons, 254 pairs, and 11 groups of persons as classes. How often they do is left out.
 *
 * @throws ReconError `bad-option`; when it is read `missing-package`.
 * @see D. Knuth, "The Stanford GraphBase", 1993.
 */
export function miserables(options: Record<string, never> = {}): EdgeSource {
  checkOptions("miserables", options, {});
  return edgeSource({
    name: "miserables",
    options: {},
    card: {
      title: "Persons of “Les Misérables”",
      source: "npm package vega-datasets 3.2.1, miserables.json; D. Knuth, The Stanford GraphBase, 1993",
      licence: "BSD-3-Clause (package); none is stated for the data",
    },
    read,
  });
}

interface Content {
  readonly nodes: readonly { readonly name: string; readonly group: number }[];
  readonly links: readonly { readonly source: number; readonly target: number }[];
}

function read(): NamedGraph {
  const path = join(installedPackage("vega-datasets", "miserables"), "data/miserables.json");
  let content: Content;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ReconError(
      "missing-package",
      "miserables: the package vega-datasets is of another version, without data/miserables.json. Run: npm install vega-datasets@3",
      { cause },
    );
  }
  const { nodes, links } = content;
  const groups = [...new Set(nodes.map(({ group }) => group))].sort((a, b) => a - b);
  return {
    id: "miserables",
    nodes: nodes.map(({ name }) => name),
    labels: nodes.map(({ group }) => groups.indexOf(group)),
    classes: groups.length,
    edges: links.map(({ source, target }) => [Math.min(source, target), Math.max(source, target)] as const),
  };
}
