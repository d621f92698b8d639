import type { Metric } from "../problem.ts";

/** The mean squared error a coordinate of one item, ‖x̂ − x‖² / D: what lower bounds are about. 0 is perfect. */
export function meanSquaredError(): Metric {
  return {
    name: "mse",
    unit: "",
    better: "lower",
    perfect: 0,
    invariances: [],
    score: (estimate, { data }) => {
      let total = 0;
      for (let i = 0; i < data.length; i++) total += ((estimate.data[i] ?? Number.NaN) - data[i]!) ** 2;
      return total / Math.max(1, data.length);
    },
  };
}
