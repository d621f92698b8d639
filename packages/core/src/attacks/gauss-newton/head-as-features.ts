import { constant, matmul, type NdArray, reshape, type Tensors } from "@recon/engine";
import { norm } from "../../linear-algebra/vector.ts";
import type { Problem } from "../../problem.ts";
import type { HeadError } from "../head-target.ts";
import { keptEntries } from "../kept-entries.ts";

/**
 * The problem with cᵀ dW / ‖c‖ [1, F] in place of the head's weight gradient dW = c hᵀ [T, F], with c the error that was sent.
 *
 * Nothing that says anything of the input is lost where the error is taken as known: the rows of dW are h, T times over, and noise of equal size in all of them leaves
 * noise of that size in this one. Behind a channel that mixes the entries the problem is left as it is.
 */
export function headAsFeatures(problem: Problem, { value, weight }: HeadError): Problem {
  const size = norm(value.data);
  if (keptEntries(problem) !== "all" || !(size > 0)) return problem;
  const unit = { shape: [1, value.data.length], data: Float64Array.from(value.data, (entry) => entry / size) };
  const { operator, observation } = problem;
  return {
    ...problem,
    operator: {
      ...operator,
      observe: (model, parameters, data): Tensors => {
        const { [weight]: gradient, ...others } = operator.observe(model, parameters, data);
        const rows = reshape(gradient!, [unit.shape[1]!, -1]);
        return { ...others, [weight]: matmul(constant(unit.data, unit.shape), rows) };
      },
    },
    observation: { ...observation, [weight]: projected(observation[weight]!, unit.data) },
  };
}

/** uᵀ dW [1, F]. */
function projected({ data }: NdArray, unit: Float64Array): NdArray {
  const width = data.length / unit.length;
  const row = new Float64Array(width);
  unit.forEach((share, t) => {
    for (let f = 0; f < width; f++) row[f]! += share * data[t * width + f]!;
  });
  return { shape: [1, width], data: row };
}
