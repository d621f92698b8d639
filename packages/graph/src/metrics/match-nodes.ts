import { assign } from "@recon/core";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import type { EvaluationNetwork } from "./evaluation-network.ts";

/** Depth to which nodes are compared. */
export const matchingDepth = 2;

/**
 * For every node of the estimate the true node that it stands for, or −1 where there are more nodes than true ones: the assignment with the least total of
 * distances ‖hᵢ − hⱼ‖ of embeddings, summed over depths 0 to 2.
 */
export function matchNodes(estimate: LabelledGraph, truth: LabelledGraph, network: EvaluationNetwork): Int32Array {
  const [said, actual] = [network(estimate), network(truth)];
  const [rows, cols] = [estimate.nodes.length, truth.nodes.length];
  const data = new Float64Array(rows * cols);
  said.forEach((rowsOf, depth) => {
    rowsOf.forEach((own, i) => {
      actual[depth]!.forEach((other, j) => {
        data[i * cols + j]! += distance(own, other);
      });
    });
  });
  return assign({ rows, cols, data });
}

function distance(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(total);
}
