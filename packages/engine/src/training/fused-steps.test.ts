import { afterAll, describe, expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, div, dot, mul, neg, square, sub } from "../ops/arithmetic.ts";
import { clip } from "../ops/compare.ts";
import { input } from "../ops/leaf.ts";
import { linear } from "../ops/matmul.ts";
import { sum } from "../ops/shape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { log, sqrt, tanh } from "../ops/unary.ts";
import { scaleByAdam } from "../optimisers/adam.ts";
import { chain } from "../optimisers/chain.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import { scale } from "../optimisers/scale.ts";
import { cosineDecay, stepDecay } from "../optimisers/schedule.ts";
import { hardSign, softSign } from "../optimisers/sign.ts";
import { type Arrays, type NdArray, sizeOf, type Tensor, type Tensors } from "../tensor.ts";
import { seededStream } from "./fixtures/seeded-stream.ts";
import { type FusedSteps, fusedSteps } from "./fused-steps.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const { normal } = seededStream(7);
const drawn = (shape: readonly number[], spread: number): NdArray => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, () => spread * normal()),
});
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** 1 − cosine of the loss gradients of a perceptron at x and at another point. */
function matching(): { readonly objective: Graph; readonly values: Arrays } {
  const x = input("x", [2, 5]);
  const target = input("target", [2, 3]);
  const p = [input("w1", [6, 5]), input("b1", [6]), input("w2", [3, 6]), input("b2", [3])] as const;
  const loss = neg(sum(mul(target, logSoftmax(linear(tanh(linear(x, p[0], p[1])), p[2], p[3])))));
  const gradient = grad(loss, p);
  const observed = p.map((w, i) => input(`observed${i}`, w.shape));
  const norm = (tensors: readonly Tensor[]): Tensor => sqrt(total(tensors.map((t) => dot(t, t))));
  const product = total(gradient.map((g, i) => dot(g, observed[i]!)));
  const value = sub(1, div(product, mul(norm(gradient), norm(observed))));
  const named = [x, target, ...p, ...observed].map((node) => [node.attributes.name as string, node] as const);
  const inputs: Tensors = Object.fromEntries(named);
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, drawn(shape, 0.7)]));
  const labels: NdArray = { shape: [2, 3], data: Float64Array.of(1, 0, 0, 0, 0, 1) };
  return { objective: graph(inputs, { value }), values: { ...values, target: labels } };
}

interface Rule {
  readonly sign: (g: number, softness: number) => number;
  readonly rate: (step: number, steps: number) => number;
  readonly bounds: readonly [number, number];
}

/** The same descent one evaluation at a time: the formulas of the solver, written out for flat numbers. */
function stepByStep(objective: Graph, values: Arrays, { sign, rate, bounds }: Rule, steps: number) {
  const evaluation = graph(objective.inputs, {
    value: objective.outputs.value!,
    gradient: grad(objective.outputs.value!, [objective.inputs.x!])[0]!,
  });
  const x = Float64Array.from(values.x!.data);
  const [m, v] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const path: number[] = [];
  const norms: number[] = [];
  let best = { value: Number.POSITIVE_INFINITY, x: x.slice() };
  for (let step = 0; step < steps; step++) {
    const out = interpret(evaluation, { ...values, x: { shape: values.x!.shape, data: x } });
    const value = out.value!.data[0]!;
    const gradient = out.gradient!.data;
    path.push(value);
    norms.push(Math.hypot(...gradient));
    if (value < best.value) best = { value, x: x.slice() };
    for (let i = 0; i < x.length; i++) {
      const u = sign(gradient[i]!, 1 - step / steps);
      m[i] = beta1 * m[i]! + (1 - beta1) * u;
      v[i] = beta2 * v[i]! + (1 - beta2) * u * u;
      const direction = m[i]! / (1 - beta1 ** (step + 1)) / (Math.sqrt(v[i]! / (1 - beta2 ** (step + 1))) + epsilon);
      x[i] = Math.min(bounds[1], Math.max(bounds[0], x[i]! - rate(step, steps) * direction));
    }
  }
  return { x, path, norms, best };
}

/** Runs a program over and over, every run fed what the one before carried. */
async function runs(
  fused: FusedSteps,
  run: (inputs: Arrays) => Arrays | Promise<Arrays>,
  values: Arrays,
  steps: number,
) {
  let carried = fused.start(values);
  const path: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < steps; step += fused.steps) {
    const outputs = await run({ ...values, ...carried, ...fused.numbers({ step, steps }) });
    path.push(...outputs.values!.data);
    norms.push(...outputs.gradientNorms!.data);
    carried = Object.fromEntries(fused.carried.map((name) => [name, outputs[name]!]));
  }
  return { carried, path, norms };
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.hypot(...Array.from(a, (value, i) => value - b[i]!)) / Math.hypot(...Array.from(b));

const rules: readonly [string, Optimiser, Rule["sign"], Rule["rate"]][] = [
  ["plain Adam", chain(scaleByAdam(), scale(0.1)), (g) => g, () => 0.1],
  [
    "hard sign, step decay",
    chain(hardSign(), scaleByAdam(), scale(stepDecay({ rate: 0.2 }))),
    Math.sign,
    stepDecay({ rate: 0.2 }),
  ],
  [
    "soft sign, cosine decay",
    chain(softSign(), scaleByAdam(), scale(cosineDecay({ rate: 0.2, warmUp: 2 }))),
    (g, s) => Math.tanh(s * g) / s,
    cosineDecay({ rate: 0.2, warmUp: 2 }),
  ],
];

describe.each(rules)("%s", (_name, optimiser, sign, rate) => {
  const { objective, values } = matching();
  const bounds = [-0.8, 0.8] as const;
  const reference = stepByStep(objective, values, { sign, rate, bounds }, 12);
  const make = (steps: number): FusedSteps =>
    fusedSteps({
      objective,
      value: "value",
      unknowns: ["x"],
      optimiser,
      steps,
      project: (x) => clip(x, ...bounds),
      precision: "float64",
    });

  test.each([1, 3, 4, 12])("%i steps a run equal one evaluation a step to 1e-12 in float64", async (k) => {
    const fused = make(k);
    const { carried, path, norms } = await runs(fused, (inputs) => interpret(fused.graph, inputs), values, 12);
    expect(distance(path, reference.path)).toBeLessThan(1e-12);
    expect(distance(norms, reference.norms)).toBeLessThan(1e-12);
    expect(distance(carried.x!.data, reference.x)).toBeLessThan(1e-12);
    expect(distance(carried["best/x"]!.data, reference.best.x)).toBeLessThan(1e-12);
    expect(carried.bestValue!.data[0]).toBeCloseTo(reference.best.value, 12);
  });

  test("the runtime agrees in float64", async () => {
    const fused = make(4);
    const program = await executor.compile(fused.graph, { precision: "float64" });
    const { carried, path } = await runs(fused, program.run, values, 12);
    await program.dispose();
    expect(distance(path, reference.path)).toBeLessThan(1e-9);
    expect(distance(carried.x!.data, reference.x)).toBeLessThan(1e-9);
  });
});

test("the case that is compared descends, and its box binds", () => {
  const { objective, values } = matching();
  const rule: Rule = { sign: Math.sign, rate: () => 0.1, bounds: [-0.8, 0.8] };
  const { path, x } = stepByStep(objective, values, rule, 12);
  expect(path.at(-1)).toBeLessThan(path[0]!);
  expect(Array.from(x).some((value) => Math.abs(value) === 0.8)).toBe(true);
});

test("two unknowns and a gradient that the objective brings", async () => {
  const [a, b] = [input("a", []), input("b", [2])];
  const value = add(square(sub(a, 3)), sum(square(sub(b, 1))));
  const gradients = { "gradient/a": mul(sub(a, 3), 2), "gradient/b": mul(sub(b, 1), 2) };
  const fused = fusedSteps({
    objective: graph({ a, b }, { value, ...gradients }),
    value: "value",
    unknowns: ["a", "b"],
    optimiser: scale(0.25),
    steps: 2,
  });
  const program = await executor.compile(fused.graph);
  const start: Arrays = { a: { shape: [], data: Float32Array.of(-1) }, b: { shape: [2], data: Float32Array.of(1, 3) } };
  const { carried, path } = await runs(fused, program.run, start, 2);
  await program.dispose();
  // Errors −4 and (0, 2) halve every step: f is 20, then 5.
  expect(path).toEqual([20, 5]);
  expect([carried.a!.data[0], ...carried.b!.data]).toEqual([2, 1, 1.5]);
  expect([carried["best/a"]!.data[0], carried.bestValue!.data[0]]).toEqual([1, 5]);
});

test("an objective that leaves the finite numbers is seen in the values and never the best", () => {
  const x = input("x", []);
  const fused = fusedSteps({
    objective: graph({ x }, { value: log(x) }),
    value: "value",
    unknowns: ["x"],
    optimiser: scale(1),
    steps: 3,
  });
  const start: Arrays = { x: { shape: [], data: Float64Array.of(0.5) } };
  const {
    values,
    bestValue,
    "best/x": best,
  } = interpret(fused.graph, {
    ...fused.start(start),
    ...fused.numbers({ step: 0, steps: 3 }),
  });
  expect(Array.from(values!.data, Number.isNaN)).toEqual([false, true, true]);
  expect([best!.data[0], bestValue!.data[0]]).toEqual([0.5, Math.log(0.5)]);
});

const { objective } = matching();
const fine = { objective, value: "value", unknowns: ["x"], optimiser: scale(1), steps: 2 };
test.each([
  ["no steps", { steps: 0 }, "bad-option"],
  ["an output that is not there", { value: "loss" }, "unknown-output"],
  ["an unknown that is not there", { unknowns: ["y"] }, "unknown-input"],
  ["no unknowns", { unknowns: [] }, "bad-option"],
  ["an objective that is no scalar", { objective: graph(objective.inputs, { value: objective.inputs.x! }) }, "shape"],
])("refuses %s", (_what, wrong, code) => {
  expect(() => fusedSteps({ ...fine, ...wrong })).toThrow(expect.objectContaining({ code }));
});
