import { type Arrays, type Executor, graph, input, layersOf, type NdArray } from "@recon/engine";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { modelState } from "../model-state.ts";
import type { Model } from "../problem.ts";

/**
 * What enters a layer of a model for a batch of inputs, in float64: one row a sample [B, F].
 *
 * @param weight name of the layer's weight, which must be one of the model's layers.
 */
export async function layerInputValues(
  model: Model,
  params: Arrays,
  weight: string,
  data: NdArray,
  executor: Executor,
): Promise<Matrix> {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, spec]) => [name, input(name, spec.shape)]),
  );
  const symbol = input("input", data.shape);
  const layer = layersOf(model.forward(parameters, { input: symbol }, "eval")).find((one) => one.weight === weight)!;
  const program = await executor.compile(graph({ ...parameters, input: symbol }, { entering: layer.input }), {
    precision: "float64",
  });
  try {
    const { entering } = await program.run({ ...params, input: data });
    const { shape, data: values } = entering!;
    return matrix(shape[0]!, values.length / shape[0]!, Float64Array.from(values));
  } finally {
    await program.dispose();
  }
}
