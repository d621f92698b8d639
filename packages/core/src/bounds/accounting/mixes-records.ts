import { type Arrays, type Executor, graph, input } from "@recon/engine";
import { parameterInputs, parametersOf, parameterValues } from "../../operators/observation-graph.ts";
import type { Model } from "../../problem.ts";
import type { Rng } from "../../random.ts";

/**
 * Whether a record's output in train mode depends on the other records of its batch, as under batch normalisation: then no accountant of DP-SGD
 * covers the model. Found by changing the second record of a batch of two and looking at the first one's output.
 */
export async function mixesRecords(model: Model, params: Arrays, executor: Executor, rng: Rng): Promise<boolean> {
  const parameters = parameterInputs(model);
  const shape = [2, ...model.input.shape];
  const data = { input: input("input", shape) };
  const output = model.forward(parametersOf(model, parameters), data, "train");
  const program = await executor.compile(graph({ ...parameters, ...data }, { output }), { precision: "float64" });
  try {
    const size = shape.reduce((n, extent) => n * extent, 1);
    const one = Float64Array.from({ length: size }, () => rng.normal());
    const other = one.map((value, i) => (2 * i < size ? value : rng.normal()));
    const first = async (values: Float64Array): Promise<Float64Array> => {
      const result = await program.run({ ...parameterValues(params), input: { shape, data: values } });
      const found = Float64Array.from(result.output!.data);
      return found.subarray(0, found.length / 2);
    };
    const [before, after] = [await first(one), await first(other)];
    const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return before.some((value, i) => Math.abs(value - after[i]!) > 1e-9 * (largest || 1));
  } finally {
    await program.dispose();
  }
}
