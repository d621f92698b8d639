import { type Arrays, type Executor, type Graph, jacobianVector } from "@recon/engine";
import { inputName, observationGraph, parameterValues } from "../../operators/observation-graph.ts";
import type { VictimSide } from "../../problem.ts";
import type { Rng } from "../../random.ts";

/**
 * Squared sensitivity of every output of a graph to its input: c_k² = ‖∂g_k/∂x‖₂², estimated as the mean of (J v)_k² over `probes` Gaussian v.
 *
 * Its relative standard error is √(2 / probes), the same for every entry, so that float32 programs are accurate enough.
 */
export async function squaredSensitivity(
  g: Graph,
  values: Arrays,
  { executor, rng, probes = 10 }: { readonly executor: Executor; readonly rng: Rng; readonly probes?: number },
): Promise<Readonly<Record<string, Float64Array>>> {
  const program = await executor.compile(jacobianVector(g, { inputs: [inputName] }));
  try {
    const { shape } = values[inputName]!;
    const size = shape.reduce((n, extent) => n * extent, 1);
    const squares: Record<string, Float64Array> = {};
    for (let probe = 0; probe < probes; probe++) {
      const stream = rng.split(`probe ${probe}`);
      const tangent = { shape, data: Float64Array.from({ length: size }, () => stream.normal()) };
      const products = await program.run({ ...values, [`tangent/${inputName}`]: tangent });
      for (const [name, { data }] of Object.entries(products)) {
        squares[name] ??= new Float64Array(data.length);
        for (let k = 0; k < data.length; k++) squares[name][k]! += data[k]! ** 2 / probes;
      }
    }
    return squares;
  } finally {
    await program.dispose();
  }
}

/** The same for the observation of a victim, by name of the observed tensor. */
export function observationSensitivity(victim: VictimSide): Promise<Readonly<Record<string, Float64Array>>> {
  const { model, operator, params, data, executor, rng } = victim;
  const g = observationGraph(model, operator, data.input!.shape[0]!);
  return squaredSensitivity(g, { ...parameterValues(params), ...data }, { executor, rng });
}
