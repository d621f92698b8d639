import { modelState, type Problem } from "@recon/core";
import { type Arrays, type Executor, graph, input, topologicalOrder } from "@recon/engine";
import { batchOfIds } from "../../ids.ts";

/** The gradient that one text alone gives with one label. */
export interface TextGradient {
  of(text: readonly number[], label: number): Promise<Arrays>;
  dispose(): Promise<void>;
}

/**
 * Compiles the gradient of some of a model's parameters for one text of at most `places` ids, in the precision of the victim: a unit of a ReLU whose argument is rounding
 * then falls on the victim's side.
 */
export async function textGradient(
  { model, operator, params, observationPrecision: precision }: Problem,
  executor: Executor,
  names: readonly string[],
  places: number,
): Promise<TextGradient> {
  const arrays = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const data = { input: input("text", [1, places]), target: input("label", [1, ...model.target.shape]) };
  const all = operator.observe(model, arrays, data);
  const outputs = Object.fromEntries(names.map((name) => [name, all[name]!]));
  const used = new Set(topologicalOrder(Object.values(outputs)));
  const parameters = Object.fromEntries(Object.entries(arrays).filter(([, tensor]) => used.has(tensor)));
  const program = await executor.compile(graph({ ...parameters, text: data.input, label: data.target }, outputs), {
    precision,
  });
  const Numbers = precision === "float32" ? Float32Array : Float64Array;
  const held = Object.fromEntries(
    Object.keys(parameters).map((name) => {
      const { shape, data: values } = params[name]!;
      return [name, { shape, data: values instanceof Numbers ? values : Numbers.from(values) }];
    }),
  );
  return {
    of: (text, label) => {
      const target = new Float64Array(model.target.shape[0]!);
      target[label] = 1;
      return program.run({
        ...held,
        text: batchOfIds([text], places),
        label: { shape: [1, target.length], data: target },
      });
    },
    dispose: () => program.dispose(),
  };
}
