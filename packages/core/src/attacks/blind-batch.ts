import type { NdArray } from "@recon/engine";
import type { Problem } from "../problem.ts";

/** The domain's blind guess for each of so many samples, [samples, ...]. */
export function blindBatch({ model, domain }: Problem, samples: number): NdArray {
  const { shape } = model.input;
  const guess = domain.blind(shape).data;
  const data = Float64Array.from({ length: samples * guess.length }, (_, at) => guess[at % guess.length]!);
  return { shape: [samples, ...shape], data };
}
