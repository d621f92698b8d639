import type { Metric } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { noToken } from "../ids.ts";

/** 1 where every place has the right id and nothing is missing or too much, else 0. */
export function exactMatch(): Metric {
  return {
    name: "exact",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: [],
    score: (estimate, truth) => (sameTokens(estimate, truth) ? 1 : 0),
  };
}

function sameTokens(a: NdArray, b: NdArray): boolean {
  const length = Math.max(a.data.length, b.data.length);
  const at = ({ data }: NdArray, i: number): number => (i < data.length && data[i]! >= 0 ? data[i]! : noToken);
  return Array.from({ length }, (_, i) => i).every((i) => at(a, i) === at(b, i));
}
