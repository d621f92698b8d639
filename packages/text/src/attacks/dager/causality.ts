import type { Problem } from "@recon/core";
import type { Executor, LinearLayer } from "@recon/engine";
import { layerInputs } from "./layer-reader.ts";

/** Whether the input of a layer at a place depends on the ids there and before alone: another last id leaves all places before it as they were. */
export async function seesBackOnly(problem: Problem, executor: Executor, layer: LinearLayer): Promise<boolean> {
  const places = Math.min(3, problem.model.input.shape[0]!);
  if (places < 2) return false;
  const reader = await layerInputs(problem, executor, { layer, rows: 2, places, precision: "float64" });
  try {
    const before = new Array<number>(places - 1).fill(1);
    const values = await reader.read([
      [...before, 0],
      [...before, 1],
    ]);
    const count = (reader.size / places) * (places - 1);
    return values.subarray(0, count).every((value, i) => value === values[reader.size + i]);
  } finally {
    await reader.dispose();
  }
}
