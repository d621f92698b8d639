import { basename } from "node:path";
import { ReconError, type Skipped } from "@recon/core";
import { badOption, type Checks, checkOptions, flag, nonEmpty, oneOf } from "@recon/core/options";
import { type EdgeSource, edgeSource } from "./edge-source.ts";
import type { NamedGraph } from "./named-graph.ts";
import { delimiters, readTable, type TableRow } from "./read-table.ts";
import { readTextFile } from "./read-text-file.ts";

export interface EdgeListOptions {
  /** A file of edges: two nodes a row; a row of one node says that it is there. Relative to the working directory. */
  readonly path: string;
  /** Whether the first row names columns; false unless said. */
  readonly header?: boolean;
  /** A file with a node and its class in a row; every node is of class 0 unless said. */
  readonly classes?: string;
  readonly delimiter?: (typeof delimiters)[number];
}

const checks: Checks<EdgeListOptions> = {
  path: nonEmpty(),
  header: flag(),
  classes: nonEmpty(),
  delimiter: oneOf(delimiters),
};

/** Matching the nodes of two graphs takes their number to the third power. */
const mostNodes = 500;

/**
 * The user's own graph, from a table of edges.
 *
 * The graph is undirected: an edge that is there in both directions or twice counts once. Such rows, and edges from a node to itself, are left out and named with
 * their lines. Cells after the second are not read. Nodes are in the order in which they appear, those of the file of classes after them.
 *
 * @throws ReconError `bad-option`; when it is read `no-such-file`, `unreadable-file`, `no-data`.
 */
export function edgeList(options: EdgeListOptions): EdgeSource {
  checkOptions("edge-list", options, checks);
  if (options.path === undefined) throw badOption("edge-list", "path", options.path, "the path of a file of edges");
  return edgeSource({
    name: "edge-list",
    options: { ...options },
    card: { title: `Graph in ${options.path}`, source: "the user's own file", licence: "not known" },
    read: () => readGraph(options),
  });
}

function readGraph(options: EdgeListOptions): NamedGraph {
  const { path, classes: classFile } = options;
  const places = new Map<string, number>();
  const placeOf = (name: string): number => {
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  };
  const skipped: Skipped[] = [];
  const lines = new Map<string, number>();
  const edges: [number, number][] = [];
  for (const { cells, line } of rowsOf(path, options)) {
    const id = `${basename(path)}:${line}`;
    const [from = "", to = ""] = cells;
    if (from === "") {
      skipped.push({ id, reason: "the first cell is empty" });
      continue;
    }
    const [a, b] = [placeOf(from), to === "" ? undefined : placeOf(to)];
    if (b === undefined) continue;
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
    const before = lines.get(key);
    if (a === b) skipped.push({ id, reason: `the edge goes from "${from}" to itself`, byOptions: true });
    else if (before !== undefined) {
      const reason = `the edge between "${from}" and "${to}" is there already, in line ${before}`;
      skipped.push({ id, reason, byOptions: true });
    } else {
      lines.set(key, line);
      edges.push([Math.min(a, b), Math.max(a, b)]);
    }
  }
  const classOf = new Map<string, string>();
  for (const { cells, line } of classFile === undefined ? [] : rowsOf(classFile, options)) {
    const [node = "", label = ""] = cells;
    const id = `${basename(classFile!)}:${line}`;
    if (node === "" || label === "") skipped.push({ id, reason: "the row lacks a node or a class" });
    else if (classOf.has(node)) skipped.push({ id, reason: `"${node}" has a class already` });
    else {
      placeOf(node);
      classOf.set(node, label);
    }
  }
  const nodes = [...places.keys()];
  checkSize(path, nodes.length);
  const unlabelled = nodes.find((node) => classFile !== undefined && !classOf.has(node));
  if (unlabelled !== undefined) {
    throw new ReconError(
      "no-data",
      `edge-list: "${classFile}" gives no class for "${unlabelled}". Add a row for every node.`,
    );
  }
  const names = [...new Set(classOf.values())].sort((a, b) => (a < b ? -1 : 1));
  return {
    id: basename(path),
    nodes,
    labels: nodes.map((node) => Math.max(0, names.indexOf(classOf.get(node) ?? ""))),
    classes: Math.max(2, names.length),
    edges,
    skipped,
  };
}

function rowsOf(path: string, { header = false, delimiter }: EdgeListOptions): readonly TableRow[] {
  return readTable(readTextFile(path, "edge-list"), path, "edge-list", delimiter).slice(header ? 1 : 0);
}

function checkSize(path: string, nodes: number): void {
  if (nodes === 0) throw new ReconError("no-data", `edge-list: "${path}" names no node. Give two nodes a row.`);
  if (nodes > mostNodes) {
    throw new ReconError(
      "no-data",
      `edge-list: "${path}" has ${nodes} nodes, and ${mostNodes} is the most. Give a part of it.`,
    );
  }
}
