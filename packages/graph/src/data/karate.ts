import { createRequire } from "node:module";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { type EdgeSource, edgeSource } from "./edge-source.ts";
import type { NamedGraph } from "./named-graph.ts";

/**
 * Zachary's karate club: 34 members, 78 friendships, and for each member the faction it went with when the club split.
 *
 * @throws ReconError `bad-option`; when it is read `missing-package`.
 * @see W. Zachary, "An information flow model for conflict and fission in small groups", Journal of Anthropological Research 33 (1977).
 */
export function karate(options: Record<string, never> = {}): EdgeSource {
  checkOptions("karate", options, {});
  return edgeSource({
    name: "karate",
    options: {},
    card: {
      title: "Zachary's karate club",
      source: "npm package graphology-generators 0.11.2; W. Zachary, 1977",
      licence: "MIT (package)",
    },
    read: () => recorded(generator()),
  });
}

/** A generator fills a graph of a class that it is given. */
type Generator = (graph: unknown) => unknown;

function generator(): Generator {
  const folder = installedPackage("graphology-generators", "karate");
  try {
    return createRequire(join(folder, "package.json"))("./social/karate-club.js") as Generator;
  } catch (cause) {
    throw new ReconError(
      "missing-package",
      "karate: the package graphology-generators cannot be loaded. Run: npm install graphology-generators@0.11",
      { cause },
    );
  }
}

/** What a generator writes down, taken by the least that it accepts for a graph: a constructor with two methods it only looks for. */
function recorded(generate: Generator): NamedGraph {
  const clubs: string[] = [];
  const edges: [number, number][] = [];
  const Recorder = (): unknown => undefined;
  const methods = {
    addNode: (_: number, { club }: { readonly club: string }) => clubs.push(club),
    addEdgeWithKey: (_: string, a: number, b: number) => edges.push([Math.min(a, b), Math.max(a, b)]),
    addUndirectedEdgeWithKey: Recorder,
    dropNode: Recorder,
  };
  function Graph(): void {}
  Graph.prototype = methods;
  generate(Graph);
  const names = [...new Set(clubs)];
  return {
    id: "karate",
    nodes: clubs.map((_, node) => `${node + 1}`),
    labels: clubs.map((club) => names.indexOf(club)),
    classes: names.length,
    edges,
  };
}
