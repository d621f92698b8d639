import { type Arrays, type NdArray, type Shape, sizeOf } from "@recon/engine";
import { itemOf } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import { matrix } from "../linear-algebra/matrix.ts";
import type { Domain } from "../problem.ts";
import type { Truth } from "../victim.ts";
import { type Floor, floorOf, type Sample, type Scores, scoreOf, scoresOf } from "./floor.ts";
import { assign } from "./match.ts";

/** One item of the truth, what was found of it, and its scores beside the floor. */
export interface JudgedItem {
  readonly id: string;
  readonly truth: Sample;
  /** The item of the solution matched to it; the floor's guess where the solution has too few. */
  readonly estimate: Sample;
  /** Place of the estimate in the solution, or −1 where there was none. */
  readonly place: number;
  readonly metric: Scores;
  readonly floor: Floor;
}

/**
 * Scores a solution against the truth: the only place where the two meet.
 *
 * Items are matched one to one so that the domain's first metric is best in sum (never the best estimate for each truth with replacement), then scored on
 * every metric, with the score of the floor beside it. Truths in excess of the estimates get the floor's guess: they stay in the mean.
 *
 * @param value a solution's arrays; `input` [B, ...] is judged, and `target` [B, ...] by metrics of targets.
 * @throws ReconError `shape` when the estimates do not have the shape of the truths; `no-metric` when the domain has none.
 */
export function judge(value: Arrays, truth: Truth, domain: Domain): readonly JudgedItem[] {
  const [first] = domain.metrics;
  if (first === undefined) throw new ReconError("no-metric", `Domain ${domain.name} has no metric to match items by.`);
  const truths = truth.ids.map((_, i) => ({
    input: itemOf(truth.input, i),
    target: itemOf(truth.target, i),
    guess: truth.guesses?.[i],
  }));
  const estimates = estimatesOf(value, truth, domain.padding !== undefined);
  const sign = first.better === "higher" ? -1 : 1;
  const costs = truths.flatMap((item) => estimates.map((estimate) => sign * scoreOf(first, estimate, item)));
  const columnOf = assign(matrix(truths.length, estimates.length, finiteCosts(costs)));
  return truth.ids.map((id, i): JudgedItem => {
    const item = truths[i]!;
    const floor = floorOf(item, domain);
    const place = columnOf[i]!;
    const estimate = estimates[place] ?? floor;
    return { id, truth: item, estimate, place, metric: scoresOf(estimate, item, domain), floor };
  });
}

/** Inputs with the targets that the solution gives them; a batch of targets that does not fit the truth's says nothing of any. */
function estimatesOf(value: Arrays, truth: Truth, anyExtent: boolean): Sample[] {
  const inputs = itemsOf(value.input, truth.input, anyExtent);
  const { target } = value;
  const shape = [inputs.length, ...truth.target.shape.slice(1)];
  if (target === undefined || target.shape.join() !== shape.join() || target.data.length !== sizeOf(shape)) {
    return inputs.map((input) => ({ input }));
  }
  return inputs.map((input, i) => ({ input, target: itemOf(target, i) }));
}

/** @param anyExtent items of another extent are compared too, as the domain's metrics see fit. */
function itemsOf(batch: NdArray | undefined, truth: NdArray, anyExtent: boolean): NdArray[] {
  const item = truth.shape.slice(1).join(", ");
  const comparable = (shape: Shape): boolean =>
    anyExtent ? shape.length === truth.shape.length : shape.slice(1).join(", ") === item;
  if (batch === undefined || !comparable(batch.shape)) {
    const found = batch === undefined ? "no input" : `items of shape [${batch.shape.slice(1).join(", ")}]`;
    throw new ReconError("shape", `The solution holds ${found}, and the truth items of shape [${item}].`);
  }
  return Array.from({ length: batch.shape[0] ?? 0 }, (_, i) => itemOf(batch, i));
}

/** Costs with infinities far outside the finite ones, and NaN, which no estimate should gain by, as the worst. */
function finiteCosts(costs: readonly number[]): Float64Array {
  let largest = 1;
  for (const cost of costs) if (Number.isFinite(cost)) largest = Math.max(largest, Math.abs(cost));
  const far = 4 * largest;
  return Float64Array.from(costs, (cost) => (Number.isNaN(cost) ? far : Math.min(far, Math.max(-far, cost))));
}
