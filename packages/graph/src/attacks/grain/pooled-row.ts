import {
  type MatrixProduct,
  matrix,
  type Problem,
  singleSample,
  singleSampleBehindNoise,
  transposed,
} from "@recon/core";
import { type Executor, graph, rewrite, input as symbol, topologicalOrder } from "@recon/engine";
import { type Stages, stagesOf } from "./stages.ts";

/** The one row that the readout read, dW = δ xᵀ with δ = db, or why it cannot be told. */
export async function pooledRow(
  { observation }: Problem,
  { readout }: Stages,
  noiseStd: number,
  product: MatrixProduct,
): Promise<{ readonly row: Float64Array; readonly residual: number } | { readonly reason: string }> {
  const weight = observation[readout.weight];
  const bias = readout.bias === undefined ? undefined : observation[readout.bias];
  if (weight === undefined || bias === undefined) {
    return { reason: `The observation holds no gradient of ${readout.weight} and of a bias beside it.` };
  }
  const stored = matrix(weight.shape[0]!, weight.shape[1]!, weight.data);
  const rows = readout.layout === "transposed" ? transposed(stored) : stored;
  const { value, residual, reason } =
    noiseStd > 0 ? await singleSampleBehindNoise(rows, bias.data, product) : singleSample(rows, bias.data);
  return value === undefined ? { reason } : { row: value, residual };
}

/** How rows of nodes become one of the graph, by trying it on made-up rows. */
export async function poolingOf(
  problem: Problem,
  executor: Executor,
  features: number,
): Promise<"mean" | "sum" | undefined> {
  const size = 3;
  const stages = stagesOf(problem.model, features, 1, size);
  if ("reason" in stages) return undefined;
  const { tensor } = stages.nodes.at(-1)!;
  const width = tensor.shape[2]!;
  const rows = symbol("rows", tensor.shape);
  const named = { ...stages.parameters, graphs: stages.input };
  const { outputs } = rewrite(graph(named, { pooled: stages.readout.input }), (node, original) =>
    original === tensor ? rows : node,
  );
  const used = new Set(topologicalOrder([outputs.pooled!]));
  const inputs = Object.fromEntries(Object.entries({ ...named, rows }).filter(([, node]) => used.has(node)));
  if (Object.keys(stages.parameters).some((name) => name in inputs)) return undefined;
  const program = await executor.compile(graph(inputs, outputs), { precision: "float64" });
  try {
    const values = Float64Array.from({ length: size * width }, (_, i) => 1 + Math.sin(i));
    const given = {
      rows: { shape: tensor.shape, data: values },
      graphs: { shape: stages.input.shape, data: new Float64Array(size * (features + size)) },
    };
    const { pooled } = await program.run(Object.fromEntries(Object.entries(given).filter(([name]) => name in inputs)));
    const total = Array.from({ length: width }, (_, k) => values[k]! + values[width + k]! + values[2 * width + k]!);
    const equals = (share: number): boolean => total.every((sum, k) => Math.abs(share * sum - pooled!.data[k]!) < 1e-9);
    if (equals(1)) return "sum";
    return equals(1 / size) ? "mean" : undefined;
  } finally {
    await program.dispose();
  }
}
