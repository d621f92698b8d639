import { type Attack, fitOf } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** Ranks pairs of nodes by whether they have one class: a control, what the classes alone say of the edges. */
export function sameClass(): Attack {
  return {
    name: "same-class",
    options: {},
    cite: "a control: pairs of one class before all others",
    needs: ["nodeFeatures", "labels"],
    applies: () => true,
    async *run(problem, { executor }) {
      const [features, labels] = [problem.knowledge.nodeFeatures as NdArray, problem.knowledge.labels as NdArray];
      const [, size, columns] = features.shape as [number, number, number];
      const classes = labels.shape[2]!;
      const classOf = (node: number): number => labels.data.subarray(node * classes, (node + 1) * classes).indexOf(1);
      const width = columns + size;
      const data = new Float64Array(size * width);
      for (let a = 0; a < size; a++) {
        data.set(features.data.subarray(a * columns, (a + 1) * columns), a * width);
        for (let b = 0; b < size; b++) data[a * width + columns + b] = Number(a !== b && classOf(a) === classOf(b));
      }
      const value = { input: { shape: [1, size, width], data }, target: labels };
      const { residual } = await fitOf(problem, executor, value);
      yield {
        kind: "solution",
        value,
        residual,
        certificate: { level: "none", reason: "it never looks at the model" },
        verdict: "budget spent",
        reason: "A ranking by classes that never looks at the model.",
        given: ["nodeFeatures", "labels"],
        evaluations: 1,
        trace: [],
      };
    },
  };
}
