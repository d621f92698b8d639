import {
  type DataToFit,
  gradient,
  type Model,
  parameterInputs,
  parametersOf,
  parameterValues,
  rng,
  traceModel,
} from "@recon/core";
import { testModel } from "@recon/core/testing";
import { type Arrays, type Graph, graph, input, interpret, type NdArray, onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { graphDomain } from "../domain.ts";
import { encodeGraph, type LabelledGraph, reordered } from "../graphs/labelled-graph.ts";
import { drawnGraph, drawnGraphs, smallTable } from "./fixtures/drawn-graph.ts";
import { gat } from "./gat.ts";
import { gcn } from "./gcn.ts";
import { gin } from "./gin.ts";
import { graphSage } from "./graph-sage.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** Graphs of up to four nodes with three feature columns. */
const data: DataToFit = {
  input: [4, 7],
  classes: 3,
  domain: graphDomain({ features: smallTable, largest: 4, kind: "molecule" }, (nodes) =>
    drawnGraph(nodes, rng("blind")),
  ),
};

type Build = (options: { readonly hidden: number; readonly activation: "relu" | "gelu" }) => Model;

/** Every architecture, on graphs and on nodes, with the other choices spread over them; the readout of width 4 has 35 weights. */
const cases: readonly (readonly [string, Build, number])[] = [
  ["gcn", (own) => gcn({ ...own }, data), 3 * 4 + 4 * 4 + 35],
  ["gcn of nodes", (own) => gcn({ layers: 3, task: "node", ...own }, data), 3 * 4 + 2 * 16 + 35],
  ["gat", (own) => gat({ heads: 2, pooling: "sum", ...own }, data), 3 * 4 + 16 + 16 + 35],
  ["gat of nodes", (own) => gat({ layers: 1, heads: 1, task: "node", ...own }, data), 3 * 4 + 8 + 35],
  ["graph-sage", (own) => graphSage({ ...own }, data), 2 * (12 + 16) + 35],
  ["graph-sage of nodes", (own) => graphSage({ layers: 1, task: "node", ...own }, data), 2 * 12 + 35],
  ["gin", (own) => gin({ pooling: "sum", ...own }, data), 12 + 16 + 16 + 16 + 35],
  ["gin of nodes", (own) => gin({ layers: 1, task: "node", ...own }, data), 12 + 16 + 35],
];

for (const [, build, parameters] of cases) {
  // Where relu leaves no unit of a graph, the readout stands on its kink, and no finite difference is a derivative.
  const make = (): Model => build({ hidden: 4, activation: "gelu" });
  const whole = make().target.shape.length > 1;
  testModel(make, {
    runs: 1,
    parameters,
    // Where every node has a class, all graphs of a batch have as many nodes.
    input: (batch, stream) => (whole ? sameSize(batch, stream) : drawnGraphs(batch, 4, stream)),
  });
}

function sameSize(batch: number, stream: ReturnType<typeof rng>): NdArray {
  const items = Array.from({ length: batch }, (_, i) => encodeGraph(drawnGraph(4, stream.split(`${i}`)), smallTable));
  return { shape: [batch, 4, 7], data: Float64Array.from(items.flatMap((item) => Array.from(item.data))) };
}

/** The gradient for a batch of the given shape. */
function gradientGraph(model: Model, inputShape: readonly number[], targetShape: readonly number[]): Graph {
  const symbols = parameterInputs(model);
  const given = { input: input("input", inputShape), target: input("target", targetShape) };
  return graph({ ...symbols, ...given }, gradient().observe(model, parametersOf(model, symbols), given));
}

/** ‖a − b‖ / ‖b‖ over all arrays. */
function difference(a: Arrays, b: Arrays): number {
  let [between, size] = [0, 0];
  for (const [name, { data: values }] of Object.entries(b)) {
    values.forEach((value, i) => {
      between += (a[name]!.data[i]! - value) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(between / size);
}

const batched = ({ shape, data: values }: NdArray): NdArray => ({
  shape: [1, ...shape],
  data: Float64Array.from(values),
});

/** A distribution over three classes, for the graph or for each of its nodes. */
function targetOf(model: Model, order?: readonly number[]): NdArray {
  const rows = model.target.shape.length > 1 ? 4 : 1;
  const places = order ?? Array.from({ length: rows }, (_, i) => i);
  const values = Float64Array.from({ length: 3 * rows }, (_, i) =>
    Number(i % 3 === (places[Math.floor(i / 3)] ?? 0) % 3),
  );
  return { shape: [1, ...model.target.shape], data: values };
}

const withBoth = cases.flatMap(([name, build]) =>
  (["relu", "gelu"] as const).map(
    (activation) => [`${name} with ${activation}`, build({ hidden: 16, activation })] as const,
  ),
);

describe.each(withBoth)("%s", (_name, model) => {
  const params = model.init(rng("weights"));
  const drawn = drawnGraph(4, rng("graph"));
  const gradientOf = async (item: LabelledGraph, target: NdArray): Promise<Arrays> => {
    const of = batched(encodeGraph(item, smallTable));
    const program = await executor.compile(gradientGraph(model, of.shape, target.shape), { precision: "float64" });
    return program.run({ ...parameterValues(params), input: of, target });
  };

  test("its gradient in the runtime is that of the interpreter", async () => {
    const arrays = {
      ...parameterValues(params),
      input: batched(encodeGraph(drawn, smallTable)),
      target: targetOf(model),
    };
    const slow = interpret(gradientGraph(model, arrays.input.shape, arrays.target.shape), arrays);
    expect(difference(await gradientOf(drawn, targetOf(model)), slow)).toBeLessThan(1e-12);
  });

  test("its gradient does not see the order of the nodes, and sees an edge", async () => {
    const order = [2, 0, 3, 1];
    const whole = await gradientOf(drawn, targetOf(model));
    const moved = model.target.shape.length > 1 ? targetOf(model, order) : targetOf(model);
    expect(difference(await gradientOf(reordered(drawn, order), moved), whole)).toBeLessThan(1e-12);
    const { edges } = drawn;
    const other =
      edges.length === 6 ? edges.slice(1) : allPairs.filter((pair) => !edges.join(";").includes(pair.join()));
    expect(difference(await gradientOf({ ...drawn, edges: other }, targetOf(model)), whole)).toBeGreaterThan(1e-3);
  });

  test("takes a graph of one node", () => {
    const symbols = parameterInputs(model);
    const given = input("input", [1, 1, 4]);
    const of = graph(
      { ...symbols, input: given },
      { output: model.forward(parametersOf(model, symbols), { input: given }, "eval") },
    );
    const single = { shape: [1, 1, 4], data: Float64Array.of(1, 0, 1, 0) };
    const { output } = interpret(of, { ...parameterValues(params), input: single });
    expect(output!.data).toHaveLength(3);
    expect(Array.from(output!.data).every(Number.isFinite)).toBe(true);
  });

  test("its first layer multiplies the node features", () => {
    const { layers, input: given } = traceModel(model);
    expect(layers[0]!.weight).toMatch(/^layer\.0\./);
    expect(layers[0]!.input.shape.at(-1)).toBe(3);
    expect(dependsOnAdjacency(layers[0]!.input, given)).toBe(false);
  });
});

const allPairs: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
];

/** Whether a node of the graph takes more of the input than its first three columns. */
function dependsOnAdjacency(node: ReturnType<typeof input>, given: ReturnType<typeof input>): boolean {
  if (node === given) return true;
  if (node.op.name === "slice" && node.inputs[0] === given) return node.shape[2]! > 3;
  return node.inputs.some((operand) => dependsOnAdjacency(operand, given));
}

describe("values by hand", () => {
  // Two nodes a and b with an edge, width 1; features [1, 0, 0] and [0, 1, 1].
  const pair = encodeGraph(
    {
      nodes: [
        [0, 0],
        [1, 1],
      ],
      edges: [[0, 1]],
    },
    smallTable,
  );
  const two: DataToFit = {
    ...data,
    domain: graphDomain({ features: smallTable, largest: 2, kind: "molecule" }, () => drawnGraph(2, rng("blind"))),
  };
  const readout = {
    "readout.0.weight": [2],
    "readout.0.bias": [0.5],
    "readout.1.weight": [1, -1, 3],
    "readout.1.bias": [0, 1, 0],
  };
  /** The readout of a pooled embedding. */
  const read = (pooled: number): number[] => {
    const hidden = Math.max(0, 2 * pooled + 0.5);
    return [hidden, 1 - hidden, 3 * hidden];
  };
  const outputOf = (model: Model, weights: Readonly<Record<string, readonly number[]>>): number[] => {
    const arrays = Object.fromEntries(
      Object.entries({ ...readout, ...weights }).map(([name, values]) => [
        name,
        { shape: model.parameters[name]!.shape, data: Float64Array.from(values) },
      ]),
    );
    const symbols = Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, input(name, shape)]));
    const given = input("input", [1, 2, 5]);
    const of = graph({ ...symbols, input: given }, { output: model.forward(symbols, { input: given }, "eval") });
    return Array.from(interpret(of, { ...arrays, input: batched(pair) }).output!.data);
  };
  const near = (found: readonly number[], wanted: readonly number[]): void => {
    expect(found).toHaveLength(wanted.length);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 12);
    });
  };
  // z of the two nodes is 3 and −1 + .5 under this first weight.
  const weight = [3, -1, 0.5];
  const [za, zb] = [3, -0.5];

  test("gcn: Â has ½ everywhere", () => {
    near(outputOf(gcn({ hidden: 1, layers: 1 }, two), { "layer.0.weight": weight }), read((za + zb) / 2));
  });
  test("gcn: the sum of nodes as pooling", () => {
    near(outputOf(gcn({ hidden: 1, layers: 1, pooling: "sum" }, two), { "layer.0.weight": weight }), read(za + zb));
  });
  test("gat: softmax of leaky scores over a node and its neighbour", () => {
    const leaky = (value: number): number => (value < 0 ? 0.2 * value : value);
    const [s, t] = [0.7, -0.4];
    const heard = (own: number): number => {
      const [a, b] = [za, zb].map((other) => Math.exp(leaky(t * own + s * other))) as [number, number];
      return Math.max(0, (a * za + b * zb) / (a + b));
    };
    const weights = { "layer.0.weight": weight, "layer.0.source": [s], "layer.0.target": [t] };
    near(outputOf(gat({ hidden: 1, layers: 1, heads: 1 }, two), weights), read((heard(za) + heard(zb)) / 2));
  });
  test("graph-sage: a node's own map and the mean of its neighbours' maps", () => {
    const own = [1, 2, 0];
    const weights = { "layer.0.self.weight": own, "layer.0.neighbours.weight": weight };
    const rows = [1 + zb, 2 + za].map((value) => Math.max(0, value));
    near(outputOf(graphSage({ hidden: 1, layers: 1 }, two), weights), read((rows[0]! + rows[1]!) / 2));
  });
  test("gin: two maps of the sum over a node and its neighbours", () => {
    const weights = { "layer.0.0.weight": weight, "layer.0.1.weight": [-2] };
    near(outputOf(gin({ hidden: 1, layers: 1 }, two), weights), read(Math.max(0, -2 * (za + zb))));
    near(outputOf(gin({ hidden: 1, layers: 1 }, two), { ...weights, "layer.0.1.weight": [2] }), read(2 * (za + zb)));
  });
});

describe("weights", () => {
  test("are normal, of variance 2/(D + H) where features enter and 1/H elsewhere; biases are 0", () => {
    const params = gcn({ hidden: 300 }, { ...data, classes: 2 }).init(rng("weights"));
    const variance = (name: string): number => {
      const values = Array.from(params[name]!.data);
      return values.reduce((total, value) => total + value ** 2, 0) / values.length;
    };
    // Five standard deviations of a mean of squares: √(2/n) of it.
    for (const [name, wanted] of [
      ["layer.0.weight", 2 / 303],
      ["layer.1.weight", 1 / 300],
      ["readout.0.weight", 1 / 300],
      ["readout.1.weight", 1 / 300],
    ] as const) {
      const spread = 5 * Math.sqrt(2 / params[name]!.data.length);
      expect(Math.abs(variance(name) / wanted - 1)).toBeLessThan(spread);
    }
    expect([variance("readout.0.bias"), variance("readout.1.bias")]).toEqual([0, 0]);
    expect(params["layer.0.weight"]!.data).toBeInstanceOf(Float32Array);
  });
});

describe("what does not fit is said", () => {
  const elsewhere = { ...data, domain: { ...data.domain, table: undefined } };
  delete (elsewhere.domain as { table?: unknown }).table;
  test.each([
    [() => gcn({}, elsewhere), "shape", "gcn takes graphs"],
    [() => gat({ hidden: 6 }, data), "bad-option", '"heads" must be a divisor of "hidden", 6'],
    [() => gin({ hidden: 0 }, data), "bad-option", '"hidden"'],
    [() => graphSage({ pooling: "max" } as never, data), "bad-option", '"pooling"'],
    [() => gcn({ heads: 2 } as never, data), "bad-option", '"heads"'],
  ])("case %#", (build, code, message) => {
    expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
