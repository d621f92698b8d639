import { compiledActivation, gradient, type Matrix, matrix, matrixOf, rng, type TensorBlock } from "@recon/core";
import { type Executor, graph, input, layersOf } from "@recon/engine";
import { vectors } from "../data/vectors.ts";
import { type ActivationName, twoLayer } from "../victims/two-layer.ts";

/** One draw of the victim of the theorems. */
export interface Draw {
  readonly activation: ActivationName;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  /** M, added to every residual by the output's bias, so that none is small; 0 unless said. */
  readonly lift?: number;
  readonly seed: number;
}

/** What the server sees of a draw, and what it should not. */
export interface ObservedBlock {
  readonly block: TensorBlock;
  /** x [B, d]. */
  readonly truth: Matrix;
  dispose(): Promise<void>;
}

/** Draws weights and a batch and runs the client: one gradient in float64. */
export async function observedBlock(draw: Draw, executor: Executor): Promise<ObservedBlock> {
  const { activation, batch, inputs, hidden, lift = 0, seed } = draw;
  const model = twoLayer({ inputs, hidden, activation });
  const params = model.init(rng(seed).split("weights"));
  const data = await vectors({ dimension: inputs, seed, count: batch }).open();
  const items = await Promise.all(Array.from({ length: batch }, (_, i) => data.item(i)));
  const truth = matrix(
    batch,
    inputs,
    items.flatMap((item) => [...item.input.data]),
  );
  // f + M − y is the residual of the target y − M.
  const targets = Float64Array.from(items, (item) => item.target.data[0]! - lift);
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const unknowns = { input: input("input", [batch, inputs]), target: input("target", [batch, 1]) };
  const observed = gradient().observe(model, parameters, unknowns);
  const program = await executor.compile(graph({ ...parameters, ...unknowns }, observed), { precision: "float64" });
  const { w, a } = await program.run({
    ...params,
    input: { shape: [batch, inputs], data: truth.data },
    target: { shape: [batch, 1], data: targets },
  });
  await program.dispose();
  const [layer] = layersOf(model.forward(parameters, unknowns, "eval"));
  const s = compiledActivation(layer!, executor)!;
  const block: TensorBlock = {
    weight: matrixOf(params.w!),
    weightGradient: matrixOf(w!),
    outer: matrixOf(params.a!),
    outerGradient: matrixOf(a!),
    activation: s.at,
  };
  return { block, truth, dispose: s.dispose };
}
