import type { Skipped } from "@recon/core";

/** One graph whose nodes have names and classes. */
export interface NamedGraph {
  readonly id: string;
  readonly nodes: readonly string[];
  /** Class of every node. */
  readonly labels: readonly number[];
  /** At least 2. */
  readonly classes: number;
  /** Pairs of different nodes, the smaller first, each pair once. */
  readonly edges: readonly (readonly [number, number])[];
  readonly skipped?: readonly Skipped[];
}
