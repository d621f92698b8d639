import type { NdArray } from "@recon/engine";
import { distance, norm } from "../arrays.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Problem } from "../problem.ts";
import { type Batch, evaluateTensors, observeBatch } from "./evaluate.ts";

/** ‖x̂ − x‖ / ‖x‖ in the best order of the batch; Infinity where shapes differ or numbers are not finite. At most 6 items. */
export function batchError(estimate: NdArray | undefined, truth: NdArray): number {
  if (estimate === undefined || estimate.shape.join() !== truth.shape.join()) return Number.POSITIVE_INFINITY;
  const items = truth.shape[0] ?? 1;
  const size = truth.data.length / items;
  const squared = (i: number, j: number): number => {
    let total = 0;
    for (let k = 0; k < size; k++) total += (estimate.data[i * size + k]! - truth.data[j * size + k]!) ** 2;
    return total;
  };
  const least = Math.min(...orders(items).map((order) => order.reduce((total, j, i) => total + squared(i, j), 0)));
  const error = Math.sqrt(least) / norm({ truth });
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** All orders of 0 … n − 1. */
function orders(n: number): number[][] {
  if (n > 6) throw new RangeError(`Reference cases hold at most 6 items, not ${n}.`);
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  );
}

/** ‖D F(x̂) − y‖ / ‖y‖ by the reference interpreter. */
export function ownResidual(problem: Problem, candidate: Batch): number {
  const clean = observeBatch(problem.operator, problem.model, problem.params, candidate);
  const channel = composeDefences(problem.defences).channel;
  const expected = channel === undefined ? clean : evaluateTensors((x) => channel.known(x, problem.observation), clean);
  return distance(expected, problem.observation) / norm(problem.observation);
}
