import type { LayersModel } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import { grad } from "../../grad.ts";
import { graph } from "../../graph.ts";
import { interpret } from "../../interpret.ts";
import { layersOf } from "../../layers.ts";
import { add, dot, square, sub } from "../../ops/arithmetic.ts";
import { input } from "../../ops/leaf.ts";
import { sum } from "../../ops/shape.ts";
import type { Arrays, NdArray, Tensor, Tensors } from "../../tensor.ts";
import { tfjsExecutor } from "../executor.ts";
import { activate, tf } from "../fixtures/backends.ts";
import { branchedNetwork, mobileNetwork, plainNetwork, recurrentNetwork } from "../fixtures/layers-models.ts";
import { distance, numbers } from "../fixtures/numbers.ts";
import type { TfjsTensor } from "../tfjs.ts";
import { type LayersModelOptions, type TracedModel, traceLayersModel } from "./trace-layers-model.ts";

beforeAll(() => activate("cpu"));

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** The inputs of a traced model that are not weights. */
const dataInputs = ({ graph: g, parameters }: TracedModel): Tensors =>
  Object.fromEntries(Object.entries(g.inputs).filter(([name]) => !Object.hasOwn(parameters, name)));

/** What TensorFlow.js itself computes. */
function predict(model: LayersModel, inputs: readonly NdArray[]): Float32Array[] {
  return tf.tidy(() => {
    const given = inputs.map(({ shape, data }) => tf.tensor(data, [...shape]));
    const result = model.predict(given.length === 1 ? given[0]! : given) as TfjsTensor | TfjsTensor[];
    return (Array.isArray(result) ? result : [result]).map((tensor) => tensor.dataSync() as Float32Array);
  });
}

const embedding: NdArray = { shape: [3, 5], data: Float32Array.from({ length: 15 }, (_, i) => (i * 3) % 7) };

const models: Readonly<
  Record<
    string,
    { make: () => Promise<LayersModel>; options: LayersModelOptions; inputs: readonly NdArray[]; integers?: boolean }
  >
> = {
  "a plain network": { make: () => plainNetwork("relu"), options: { batch: 2 }, inputs: [numbers([2, 8, 8, 3], 1)] },
  "a MobileNet": { make: () => mobileNetwork(), options: { batch: 2 }, inputs: [numbers([2, 12, 12, 3], 1)] },
  "a recurrent network": {
    make: recurrentNetwork,
    options: { batch: 3 },
    inputs: [embedding],
    integers: true,
  },
  "a branched network": { make: branchedNetwork, options: {}, inputs: [numbers([1, 6], 1), numbers([1, 6], 2)] },
};

describe("a traced model equals TensorFlow.js's own forward pass", () => {
  test.each(Object.entries(models))("%s", async (_name, { make, options, inputs, integers }) => {
    const model = await make();
    const before = tf.memory();
    const dtypes = integers === true ? { [model.inputNames[0]!]: "int" as const } : {};
    const traced = traceLayersModel(tf, model, { ...options, dtypes });
    expect(tf.memory()).toEqual(before);
    const given = Object.fromEntries(model.inputNames.map((key, i) => [key, inputs[i]!]));
    const actual = interpret(traced.graph, { ...given, ...traced.parameters });
    const expected = predict(model, inputs);
    expect(Object.keys(actual)).toEqual(model.outputNames);
    Object.values(actual).forEach(({ data }, i) => {
      expect(distance(data, expected[i]!)).toBeLessThan(2e-6);
    });
    // The weights are still where they were.
    expect(predict(model, inputs)).toEqual(expected);
    model.dispose();
  });
});

/** Σ over weights of ‖∂L/∂w − observed‖² for L = ½ ‖outputs‖², and its gradient in the input, which is a second derivative of the network. */
function matching(traced: TracedModel): { inputs: Tensors; objective: Tensor; gradient: Tensor; arrays: Arrays } {
  const [[name, x] = []] = Object.entries(dataInputs(traced));
  const weights = Object.entries(traced.parameters).map(([key]) => [key, traced.graph.inputs[key]!] as const);
  const loss = total(Object.values(traced.graph.outputs).map((y) => dot(y, y)));
  const gradients = grad(
    loss,
    weights.map(([, w]) => w),
  );
  const observed = weights.map(([key, w]) => input(`observed/${key}`, w.shape));
  const objective = total(gradients.map((g, i) => sum(square(sub(g, observed[i]!)))));
  return {
    inputs: {
      ...traced.graph.inputs,
      ...Object.fromEntries(weights.map(([key], i) => [`observed/${key}`, observed[i]!])),
    },
    objective,
    gradient: grad(objective, [x!])[0]!,
    arrays: {
      ...traced.parameters,
      [name!]: numbers(x!.shape, 7),
      ...Object.fromEntries(weights.map(([key, w], i) => [`observed/${key}`, numbers(w.shape, i)])),
    },
  };
}

// Smooth activations, so that no finite difference crosses a kink.
const smooth: Readonly<Record<string, () => Promise<LayersModel>>> = {
  "a plain network": () => plainNetwork("tanh"),
  "a MobileNet": () => mobileNetwork(false),
};

describe("second derivatives of a traced model", () => {
  test.each(Object.entries(smooth))("pass finite differences: %s", async (_name, make) => {
    const model = await make();
    const traced = traceLayersModel(tf, model);
    const [name] = model.inputNames as [string];
    const { inputs, objective, gradient, arrays } = matching(traced);
    const x = Float64Array.from(arrays[name]!.data);
    const f = graph(inputs, { objective });
    const analytic = interpret(graph(inputs, { gradient }), arrays).gradient!.data;
    const h = 1e-3;
    // Along directions: one evaluation of this network takes long enough.
    for (let k = 0; k < 3; k++) {
      const direction = Float64Array.from(numbers(arrays[name]!.shape, 20 + k).data);
      const at = (step: number): number => {
        const data = x.map((value, i) => value + step * direction[i]!);
        return interpret(f, { ...arrays, [name]: { shape: arrays[name]!.shape, data } }).objective!.data[0]!;
      };
      // Five points, so that h may be large and little is lost to rounding.
      const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const along = analytic.reduce((sumSoFar, value, i) => sumSoFar + value * direction[i]!, 0);
      expect(Math.abs(along - numeric) / Math.abs(numeric)).toBeLessThan(1e-6);
    }
    model.dispose();
  });

  test("run on a TensorFlow.js backend too", async () => {
    const model = await mobileNetwork();
    const { inputs, gradient, arrays } = matching(traceLayersModel(tf, model));
    const g = graph(inputs, { gradient });
    const executor = tfjsExecutor(tf);
    const program = await executor.compile(g);
    const { gradient: actual } = await program.run(arrays);
    expect(distance(actual!.data, interpret(g, arrays).gradient!.data)).toBeLessThan(1e-4);
    await executor.dispose();
    model.dispose();
  });
});

describe("the weights of a traced model", () => {
  test("are stored as the engine uses them, so that its layers are found", async () => {
    const model = await plainNetwork("relu");
    const { graph: g, parameters } = traceLayersModel(tf, model);
    const layers = layersOf(Object.values(g.outputs)[0]!);
    expect(layers.map(({ kind, weight, bias }) => [kind, weight, bias])).toEqual(
      [
        ["convolution", "conv2d"],
        ["convolution", "conv2d"],
        ["linear", "dense"],
        ["linear", "dense"],
      ].map(([kind, layer]) => [
        kind,
        expect.stringMatching(`^${layer}.*/kernel$`),
        expect.stringMatching(`^${layer}.*/bias$`),
      ]),
    );
    expect(layers.map(({ weight }) => parameters[weight]!.shape)).toEqual([
      [4, 3, 3, 3],
      [6, 4, 3, 3],
      [8, 6],
      [5, 8],
    ]);
    model.dispose();
  });

  test("and what has their layout convert alike", async () => {
    const model = await branchedNetwork();
    const { parameters, toGraphLayout } = traceLayersModel(tf, model);
    const own = Object.fromEntries(
      model.weights.map((weight) => [
        weight.originalName,
        { shape: weight.read().shape, data: weight.read().dataSync() as Float32Array },
      ]),
    );
    expect(toGraphLayout(own)).toEqual(parameters);
    // [inputs, outputs] in TensorFlow.js.
    expect(own["head/kernel"]!.shape).toEqual([12, 3]);
    expect(parameters["head/kernel"]!.shape).toEqual([3, 12]);
    expect(parameters["head/kernel"]!.data[12]).toBe(own["head/kernel"]!.data[1]);
    model.dispose();
  });
});
