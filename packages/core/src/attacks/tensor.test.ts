import {
  add,
  binaryCrossEntropy,
  crossEntropy,
  gelu,
  linear,
  matmul,
  mul,
  onnxruntime,
  relu,
  square,
  squaredError,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@recon/engine";
import { describe, expect, test } from "vitest";
import type { Model, Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { drawLike } from "../testing/draw.ts";
import { type PlantedCase, plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { testAttack } from "../testing/test-attack.ts";
import { tensor } from "./tensor.ts";

const executor = () => onnxruntime({ threads: 1 });
const wide = net({ widths: [8, 150, 3], activation: tanh, kind: "distribution", loss: crossEntropy });
const reference = (draw: Rng) => plantCase(draw, { model: wide, batch: 3, known: { batchSize: 3 } });

/** Cases of every sort: any width and batch, told or not, rank-saturated ones included, and repeated samples. */
const drawn = (draw: Rng): PlantedCase => {
  const batch = 1 + draw.integer(6);
  const model = referenceModel({
    inputs: 2 + draw.integer(6),
    hidden: 3 + draw.integer(60),
    classes: 2 + draw.integer(3),
  });
  return plantCase(draw, { model, batch, known: draw.uniform() < 0.7 ? { batchSize: batch } : {} });
};

const saturated = (draw: Rng): Problem => plantCase(draw, { model: wide, batch: 12, known: { batchSize: 12 } }).problem;
const headless = (draw: Rng): Problem => {
  const model = net({ widths: [8, 3], activation: tanh, kind: "distribution", loss: crossEntropy });
  return plantCase(draw, { model }).problem;
};

testAttack(tensor, { reference, tolerance: 1e-8, drawn, refused: headless, unidentifiable: saturated, executor });

interface NetOptions {
  readonly widths: readonly number[];
  readonly activation: (z: Tensor) => Tensor;
  readonly kind: "real" | "distribution";
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  /** Weights stored as [in, out] instead of [out, in]. */
  readonly transposed?: boolean;
  readonly bias?: boolean;
}

/** A perceptron of any depth, weights N(0, 1 / in) and biases N(0, 1 / in) in the layers. */
function net({ widths, activation, kind, loss, transposed = false, bias = true }: NetOptions): Model {
  const layers = widths.slice(1).map((outputs, i) => ({ inputs: widths[i]!, outputs, name: `layer ${i}` }));
  const parameters = Object.fromEntries(
    layers.flatMap(({ inputs, outputs, name }) => [
      [`${name} weight`, { shape: transposed ? [inputs, outputs] : [outputs, inputs] }],
      ...(bias ? [[`${name} bias`, { shape: [outputs] }] as const] : []),
    ]),
  );
  return {
    name: "net",
    options: {},
    parameters,
    input: { shape: [widths[0]!] },
    target: { shape: [widths.at(-1)!], kind },
    lossKind: "loss",
    init: (draw) =>
      Object.fromEntries(
        Object.entries(drawLike(parameters, draw)).map(([name, { shape, data }]) => {
          const { inputs } = layers.find((layer) => name.startsWith(`${layer.name} `))!;
          return [name, { shape, data: (data as Float64Array).map((value) => value / Math.sqrt(inputs)) }];
        }),
      ),
    forward: (p, data) =>
      layers.reduce((h, { name }, i) => {
        const weight = p[`${name} weight`]!;
        const product = transposed ? matmul(h, weight) : linear(h, weight);
        const z = bias ? add(product, p[`${name} bias`]!) : product;
        return i === layers.length - 1 ? z : activation(z);
      }, data.input!),
    loss: (output, data) => loss(output, data.target!),
  };
}

async function attacked(problem: Problem, options: Parameters<typeof tensor>[0] = {}): Promise<Solution> {
  const runtime = executor();
  const context = {
    executor: runtime,
    budget: { evaluations: 100 },
    rng: rng("attack"),
    signal: new AbortController().signal,
  };
  for await (const event of tensor(options).run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

/** Largest error of inputs and targets after pairing by the inputs. */
function errors({ value }: Solution, { truth }: PlantedCase): { input: number; target: number } {
  const [batch, d] = truth.input.shape as [number, number];
  const t = truth.target.data.length / batch;
  const worst = { input: 0, target: 0 };
  for (let i = 0; i < batch; i++) {
    let best = { input: Number.POSITIVE_INFINITY, target: Number.POSITIVE_INFINITY };
    for (let j = 0; j < value.input!.shape[0]!; j++) {
      const apart = (a: ArrayLike<number>, b: ArrayLike<number>, n: number): number =>
        Math.max(...Array.from({ length: n }, (_, k) => Math.abs(a[i * n + k]! - b[j * n + k]!)));
      const input = apart(truth.input.data, value.input!.data, d);
      if (input < best.input) best = { input, target: apart(truth.target.data, value.target!.data, t) };
    }
    worst.input = Math.max(worst.input, best.input);
    worst.target = Math.max(worst.target, best.target);
  }
  return worst;
}

const squared = (output: Tensor, target: Tensor): Tensor => mul(sum(square(sub(output, target))), 0.5);

describe("tensor", () => {
  test.each<readonly [string, NetOptions]>([
    ["squared error", { widths: [10, 400, 1], activation: tanh, kind: "real", loss: squared }],
    [
      "mean squared error of several outputs",
      { widths: [10, 400, 3], activation: gelu, kind: "real", loss: squaredError },
    ],
    ["cross-entropy", { widths: [10, 400, 4], activation: tanh, kind: "distribution", loss: crossEntropy }],
    ["a logistic loss", { widths: [10, 400, 2], activation: tanh, kind: "real", loss: binaryCrossEntropy }],
    ["two more layers behind the block", { widths: [10, 500, 8, 6, 3], activation: tanh, kind: "real", loss: squared }],
    [
      "weights stored transposed",
      { widths: [10, 400, 1], activation: tanh, kind: "real", loss: squared, transposed: true },
    ],
  ])("reads inputs and targets off the gradient of %s", async (_name, options) => {
    const planted = plantCase(rng(`case ${options.widths}`), {
      model: net(options),
      batch: 3,
      known: { batchSize: 3 },
    });
    const found = await attacked(planted.problem);
    expect(found).toMatchObject({ verdict: "recovered", certificate: { level: "locally-unique" } });
    const { input, target } = errors(found, planted);
    expect(input).toBeLessThan(1e-9);
    expect(target).toBeLessThan(1e-7);
  });

  test("the batch size follows from the rank where it is not told", async () => {
    const model = net({ widths: [10, 400, 1], activation: tanh, kind: "real", loss: squared });
    const planted = plantCase(rng("untold"), { model, batch: 4 });
    const found = await attacked(planted.problem);
    expect(found.given).not.toContain("batchSize");
    expect(found.verdict).toBe("recovered");
    expect(errors(found, planted).input).toBeLessThan(1e-9);
  });

  test("from float32, to the precision of float32", async () => {
    const model = net({ widths: [10, 400, 1], activation: tanh, kind: "real", loss: squared });
    const planted = plantCase(rng("single"), { model, batch: 3, precision: "float32", known: { batchSize: 3 } });
    const found = await attacked(planted.problem);
    expect(found.residual).toBeLessThan(1e-4);
    expect(errors(found, planted).input).toBeLessThan(1e-4);
  });

  test("repeated samples, samples without error and a batch too large are told apart from a solution", async () => {
    const model = net({ widths: [6, 300, 1], activation: tanh, kind: "real", loss: squared, bias: false });
    const one = plantCase(rng("repeated"), { model, batch: 2, known: { batchSize: 3 } });
    const repeated = await attacked(one.problem);
    expect(repeated.verdict).toBe("not identifiable");
    expect(repeated.reason).toMatch(/3 samples has rank 2/);
    expect(["none", "consistent"]).toContain(repeated.certificate.level);
    const large = await attacked(plantCase(rng("large"), { model, batch: 9, known: { batchSize: 9 } }).problem);
    expect(large.verdict).toBe("not identifiable");
    expect(large.reason).toMatch(/as high as it can be/);
    expect(large.certificate.level).toBe("none");
  });

  test("names the order to use where a moment vanishes", async () => {
    const model = net({ widths: [6, 300, 1], activation: relu, kind: "real", loss: squared });
    const { problem } = plantCase(rng("order"), { model, batch: 2, known: { batchSize: 2 } });
    const found = await attacked(problem, { order: 3 });
    expect(found.verdict).toBe("not identifiable");
    expect(found.reason).toMatch(/use order 4/);
    expect((await attacked(problem, { order: 4 })).residual).toBeLessThan(1e-10);
  });

  test("refuses nets that do not begin with such a block, and options it does not have", () => {
    const convolved = headless(rng("refused"));
    expect(tensor().applies(convolved)).toMatchObject({ reason: expect.stringMatching(/no activation follows/) });
    expect(() => tensor({ order: 5 as 3 })).toThrow(/order/);
    expect(() => tensor({ inputNorm: -1 })).toThrow(/inputNorm/);
    expect(() => tensor({ ordre: 3 } as object)).toThrow(/ordre/);
  });
});
