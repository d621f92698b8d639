import { type Arrays, type Executor, graph, input, jacobianVector, type NdArray, vectorJacobian } from "@recon/engine";
import { expectedObservation } from "../../attacks/forward.ts";
import { composeDefences } from "../../defences/compose.ts";
import { ReconError } from "../../errors.ts";
import { parameterInputs, parameterValues } from "../../operators/observation-graph.ts";
import type { Problem } from "../../problem.ts";
import { flatten, layoutOf } from "../../solvers/layout.ts";
import type { JacobianProducts } from "./products.ts";

/** A problem's Jacobian in its unknown input, compiled, and the noise on its observation. */
export interface ProblemProducts extends JacobianProducts {
  /** Standard deviation of the channel's noise on an entry; 0 for a channel without. */
  readonly noiseStd: number;
  /** 1 for every entry of the observation that is not exactly 0, in the order of the products: the mask of a pruned observation. */
  readonly visibleMask: Float64Array;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/**
 * Products with the Jacobian of what the attacker expects to see, known part of the channel ∘ operator, by the batch's input at a fixed target.
 *
 * The target counts as known, which can only lower a lower bound. Input entries come item by item, observation entries array by array.
 *
 * @param target The batch's targets, [B, ...].
 * @throws ReconError `shape` when the targets do not fit the model.
 */
export async function problemProducts(problem: Problem, executor: Executor, target: NdArray): Promise<ProblemProducts> {
  const { model, params, observation } = problem;
  const [batch = 0, ...shape] = target.shape;
  if (shape.join() !== model.target.shape.join() || batch < 1) {
    throw new ReconError(
      "shape",
      `Targets of shape [${target.shape}] do not fit the model's, [batch, ${model.target.shape}].`,
    );
  }
  const inputShape = [batch, ...model.input.shape];
  const parameters = parameterInputs(model);
  const data = { input: input("input", inputShape), target: input("target", target.shape) };
  const expected = graph({ ...parameters, ...data }, expectedObservation(problem, parameters, data));
  const layout = layoutOf(expected.outputs as unknown as Arrays);
  const options = { precision: "float64" } as const;
  const forward = await executor.compile(jacobianVector(expected, { inputs: ["input"] }), options);
  const backward = await executor.compile(vectorJacobian(expected, { inputs: ["input"] }), options);
  const fixed = { ...parameterValues(params), target };
  const inputs = inputShape.reduce((size, extent) => size * extent, 1);
  const asInput = (values: Float64Array): NdArray => ({ shape: inputShape, data: values });
  return {
    inputs,
    outputs: layout.size,
    noiseStd: composeDefences(problem.defences).channel?.noiseStd(observation) ?? 0,
    visibleMask: flatten(observation, layout).map((value) => (value === 0 ? 0 : 1)),
    async forward(x, v) {
      return flatten(await forward.run({ ...fixed, input: asInput(x), "tangent/input": asInput(v) }), layout);
    },
    async backward(x, c) {
      const cotangents = layout.parts.map(({ name, shape: extents, offset, size }) => [
        `cotangent/${name}`,
        { shape: extents, data: c.subarray(offset, offset + size) },
      ]);
      const result = await backward.run({ ...fixed, input: asInput(x), ...Object.fromEntries(cotangents) });
      return Float64Array.from(result.input!.data);
    },
    async dispose() {
      await forward.dispose();
      await backward.dispose();
    },
  };
}
