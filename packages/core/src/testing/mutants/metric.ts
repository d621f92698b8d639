import type { NdArray } from "@recon/engine";
import type { Metric } from "../../problem.ts";
import type { Mutant } from "./mutant.ts";

function meanOver(a: NdArray, b: NdArray, f: (x: number, y: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += f(a.data[i]!, b.data[i]!);
  return total / a.data.length;
}

/** mean (x − y)². */
export function meanSquaredError(): Metric {
  const score = (estimate: NdArray, truth: NdArray): number => meanOver(estimate, truth, (x, y) => (x - y) ** 2);
  return { name: "mean squared error", unit: "", better: "lower", perfect: 0, invariances: [], score };
}

let calls = 0;

/** Metrics that are wrong on purpose, each with the law that catches it. */
export const metricMutants: readonly Mutant<Metric>[] = [
  {
    name: "thinks that 1 is perfect",
    law: "the perfect reconstruction has the perfect score, and nothing beats it",
    make: () => ({ ...meanSquaredError(), perfect: 1 }),
  },
  {
    name: "mistakes better for worse",
    law: "the perfect reconstruction has the perfect score, and nothing beats it",
    make: () => ({ ...meanSquaredError(), better: "higher" }),
  },
  {
    name: "saturates, so that all large errors look alike",
    law: "far from the truth is worse than near it",
    make: () => ({
      ...meanSquaredError(),
      score: (x, y) =>
        Math.min(
          0.001,
          meanOver(x, y, (a, b) => (a - b) ** 2),
        ),
    }),
  },
  {
    name: "forgives what is beyond all measure",
    law: "what is farther from the truth than the floor does not score above it",
    make: () => ({
      ...meanSquaredError(),
      score: (x, y) => {
        const error = meanSquaredError().score(x, y);
        return error > 0.3 ? 0.01 : error;
      },
    }),
  },
  {
    name: "declares an invariance it does not have",
    law: "what it declares not to see does not change its score",
    make: () => ({ ...meanSquaredError(), invariances: ["shift"] }),
  },
  {
    name: "clips the truth in place",
    law: "deterministic, and changes nothing it is given",
    make: () => ({
      ...meanSquaredError(),
      score: (x, y) => {
        x.data.forEach((value, i) => {
          x.data[i] = Math.min(1, Math.max(0, value));
        });
        return meanSquaredError().score(x, y);
      },
    }),
  },
  {
    name: "drifts",
    law: "deterministic, and changes nothing it is given",
    make: () => ({ ...meanSquaredError(), score: (x, y) => meanSquaredError().score(x, y) + 1e-9 * ++calls }),
  },
];
