import { add, dot, grad, graph, nodesOf, onnxruntime, rewrite } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { distance, norm } from "../arrays.ts";
import { rng } from "../random.ts";
import { observeBatch, pickItems } from "../testing/evaluate.ts";
import { drawBatch, referenceModel, testOperator } from "../testing/index.ts";
import { gradient } from "./gradient.ts";
import { observationGraph, parameterValues } from "./observation-graph.ts";
import { update } from "./update.ts";

testOperator(() => update({ rate: 0.1 }), { reduction: "mean" });
testOperator(() => update({ steps: 3, rate: 0.1 }), { reduction: "none" });
testOperator(() => update({ steps: 4, rate: 0.1, momentum: 0.9, weightDecay: 0.1 }), { reduction: "none" });
testOperator(() => update({ localBatch: 2, epochs: 2, rate: 0.1, weightDecay: 0.1, decoupled: true }), {
  reduction: "none",
  orderFree: false,
});

const model = referenceModel();
const params = model.init(rng(1));
const batch = drawBatch(model, 3, rng(2));

test("one step is −η times the gradient", () => {
  const g = observeBatch(gradient(), model, params, batch);
  const u = observeBatch(update({ rate: 0.25 }), model, params, batch);
  for (const [name, { data }] of Object.entries(g)) {
    data.forEach((value, i) => {
      expect(u[name]!.data[i]).toBeCloseTo(-0.25 * value, 14);
    });
  }
});

test("K steps equal K rounds of one step each, from where the last one ended", () => {
  let current = params;
  for (let t = 0; t < 4; t++) {
    const u = observeBatch(update({ rate: 0.5 }), model, current, batch);
    current = Object.fromEntries(
      Object.entries(current).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (value, i) => value + u[name]!.data[i]!) },
      ]),
    );
  }
  const difference = Object.fromEntries(
    Object.entries(current).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value, i) => value - params[name]!.data[i]!) },
    ]),
  );
  const unrolled = observeBatch(update({ steps: 4, rate: 0.5 }), model, params, batch);
  expect(distance(unrolled, difference) / norm(difference)).toBeLessThan(1e-13);
});

type Weights = ReturnType<typeof model.init>;

/** θ + a u, for arrays under the same names. */
function moved(weights: Weights, by: Weights, a = 1): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value, i) => value + a * by[name]!.data[i]!) },
    ]),
  );
}

test("momentum and weight decay follow their recursion, coupled and decoupled", () => {
  const [rate, momentum, weightDecay] = [0.3, 0.8, 0.2];
  for (const decoupled of [false, true]) {
    let [current, direction] = [params, undefined as Weights | undefined];
    for (let t = 0; t < 3; t++) {
      const g = observeBatch(gradient(), model, current, batch);
      const pulled = decoupled ? g : moved(g, current, weightDecay);
      direction = direction === undefined ? pulled : moved(pulled, direction, momentum);
      const shrunk = decoupled ? moved(current, current, -rate * weightDecay) : current;
      current = moved(shrunk, direction, -rate);
    }
    const options = { steps: 3, rate, momentum, weightDecay, decoupled };
    const unrolled = observeBatch(update(options), model, params, batch);
    const difference = moved(current, params, -1);
    expect(distance(unrolled, difference) / norm(difference)).toBeLessThan(1e-13);
  }
});

test("portions follow each other in the order of their epoch", () => {
  const order = [
    [2, 0, 1],
    [1, 2, 0],
  ];
  let current = params;
  for (const places of [[2, 0], [1], [1, 2], [0]]) {
    const portion = pickItems(batch, places);
    current = moved(current, observeBatch(update({ rate: 0.5 }), model, current, portion));
  }
  const unrolled = observeBatch(update({ localBatch: 2, epochs: 2, order, rate: 0.5 }), model, params, batch);
  const difference = moved(current, params, -1);
  expect(distance(unrolled, difference) / norm(difference)).toBeLessThan(1e-13);
});

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

test.each([
  { steps: 10, rate: 0.3, momentum: 0.9, weightDecay: 0.1 },
  { localBatch: 2, epochs: 5, rate: 0.3, momentum: 0.5, weightDecay: 0.1, decoupled: true },
])("steps that are computed again have the derivative of steps that are kept: %o", async (options) => {
  const sent = observationGraph(model, update(options), 3);
  // Without the marks, the derivative uses what the steps computed.
  const kept = rewrite(sent, (node) => (node.op.name === "recomputed" ? node.inputs[0]! : node));
  const differentiated = ({ inputs, outputs }: typeof sent) => {
    const size = Object.values(outputs)
      .map((node) => dot(node, node))
      .reduce((a, b) => add(a, b));
    return graph(
      inputs,
      Object.fromEntries(grad(size, Object.values(inputs)).map((node, i) => [`derivative ${i}`, node])),
    );
  };
  const [again, once] = [differentiated(sent), differentiated(kept)];
  const barriers = (g: typeof sent) => nodesOf(g).filter(({ op }) => op.name === "after").length;
  expect(barriers(again)).toBeGreaterThanOrEqual(9 * 2);
  expect(barriers(once)).toBe(0);
  const values = { ...parameterValues(params), ...batch };
  const run = async (g: typeof sent) => {
    const program = await executor.compile(g, { precision: "float64" });
    return program.run(values);
  };
  const [ours, expected] = [await run(again), await run(once)];
  for (const [name, value] of Object.entries(expected)) {
    expect(norm({ value })).toBeGreaterThan(0);
    expect(distance({ value: ours[name]! }, { value }) / norm({ value })).toBeLessThan(1e-12);
  }
});

test("refuses what is not a protocol", () => {
  const refused = (options: object) => expect(() => update(options as never));
  refused({ rate: 0 }).toThrow(/"rate" must be a number above 0, not 0/);
  refused({}).toThrow(/"rate" must be a number above 0/);
  refused({ rate: 1, steps: 0 }).toThrow(/"steps" must be a whole number/);
  refused({ rate: 1, momentum: 1 }).toThrow(/"momentum" must be below 1/);
  refused({ rate: 1, nesterov: true }).toThrow(/no option "nesterov"/);
  refused({ rate: 1, optimiser: "adam" }).toThrow(/"optimiser" must be one of "sgd", not "adam"/);
  refused({ rate: 1, steps: 2, localBatch: 2 }).toThrow(/"steps" must be left out where localBatch is given/);
  refused({ rate: 1, epochs: 2 }).toThrow(/"epochs" must be left out/);
  refused({ rate: 1, localBatch: 1, order: [[0, 2]] }).toThrow(/"order" must be a list of orders/);
  const short = update({ rate: 1, localBatch: 1, order: [[1, 0]] });
  expect(() => observeBatch(short, model, params, batch)).toThrow(/an order of 2 samples, and the batch has 3/);
});
