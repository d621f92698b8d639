import { gradient, type Model, parameterInputs, parametersOf, parameterValues, rng } from "@recon/core";
import {
  type Arrays,
  type Graph,
  graph,
  input,
  interpret,
  type NdArray,
  onnxruntime,
  type Precision,
} from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { cnn } from "./cnn.ts";
import { fcn } from "./fcn.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";
import { tcn } from "./tcn.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** Steps that the strides do not divide, two columns, two samples. */
const shape = { input: [13, 2], classes: 3 };
const models: readonly Model[] = [
  fcn({ hidden: 5 }, shape),
  cnn({ hidden: 3 }, shape),
  gru({ hidden: 4, layers: 2 }, shape),
  lstm({ hidden: 4, layers: 2 }, shape),
  tcn({ hidden: 3, kernel: 3 }, shape),
  tcn({ hidden: 3, kernel: 3, weight_norm: true }, shape),
];

function gradientGraph(model: Model): Graph {
  const symbols = parameterInputs(model);
  const data = { input: input("input", [2, ...shape.input]), target: input("target", [2, shape.classes]) };
  return graph({ ...symbols, ...data }, gradient().observe(model, parametersOf(model, symbols), data));
}

function values(model: Model): Arrays {
  const stream = rng("executors");
  const drawn = (of: readonly number[], name: string): NdArray => {
    const numbers = stream.split(name);
    return { shape: of, data: Float64Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => numbers.uniform()) };
  };
  const data = { input: drawn([2, ...shape.input], "input"), target: drawn([2, shape.classes], "target") };
  return { ...parameterValues(model.init(stream.split("weights"))), ...data };
}

/** ‖a − b‖ / ‖b‖ over all arrays. */
function difference(a: Arrays, b: Arrays): number {
  let [between, size] = [0, 0];
  for (const [name, { data }] of Object.entries(b)) {
    data.forEach((value, i) => {
      between += (a[name]!.data[i]! - value) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(between / size);
}

test.each(models.map((model, i) => [`${model.name} (${i})`, model] as const))(
  "the gradient of %s is the interpreter's in both precisions",
  async (_, model) => {
    const [program, at] = [gradientGraph(model), values(model)];
    const reference = interpret(program, at);
    const run = async (precision: Precision): Promise<number> => {
      const compiled = await executor.compile(program, { precision });
      return difference(await compiled.run(at), reference);
    };
    expect(await run("float64")).toBeLessThan(1e-13);
    expect(await run("float32")).toBeLessThan(1e-5);
  },
);
