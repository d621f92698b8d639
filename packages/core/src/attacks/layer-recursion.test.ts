import {
  add,
  avgPool,
  batchNormEval,
  convolution,
  linear,
  mean,
  mul,
  neg,
  onnxruntime,
  reshape,
  sigmoid,
  sizeOf,
  softplus,
  sub,
  type Tensor,
  type Tensors,
  tanh,
} from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { type PruneScope, pruneMagnitude } from "../defences/channel/prune-magnitude.ts";
import { observationGraph, parameterValues } from "../operators/observation-graph.ts";
import type { Model, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { applicable } from "./applicable.ts";
import { attackWith, type NetOptions, net, problemOf } from "./fixtures/recursion-victim.ts";
import { fitOf } from "./forward.ts";
import { layerRecursion } from "./layer-recursion.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const attack = (problem: Problem): Promise<Solution> => attackWith(executor, problem);

const flat = (x: Tensor): Tensor => reshape(x, [1, sizeOf(x.shape)]);
const oneHot = [0, 0, 1, 0, 0];
const logisticLoss = (output: Tensor, target: Tensor): Tensor => mean(softplus(neg(mul(output, target))));

describe("the recursion from other heads", () => {
  const twoLayers = (head: object): NetOptions => ({
    shapes: { w1: [8, 2, 3, 3], b1: [8], w2: [1, 288] },
    outputs: 1,
    forward: (p, x) => linear(flat(tanh(convolution(x, p.w1!, p.b1!, { pads: 1 }))), p.w2!),
    ...head,
  });

  it("finds the root of a logistic head without bias, whichever of the two it is, and the class", {
    timeout: 120_000,
  }, async () => {
    const model = net(twoLayers({ lossKind: "logistic", loss: logisticLoss }));
    const margins: number[] = [];
    for (let seed = 0; seed < 6; seed++) {
      const y = seed % 2 === 0 ? 1 : -1;
      const { problem, truth } = problemOf(model, [y], seed);
      const solution = await attack(problem);
      expect(batchError(solution.value.input!, truth.input), `seed ${seed}`).toBeLessThan(1e-9);
      expect(solution.certificate.level).toBe("exact");
      expect(Array.from(solution.value.target!.data)).toEqual([y]);
      const w = problem.params.w2!.data;
      const product = Array.from(problem.observation.w2!.data).reduce((total, value, i) => total + value * w[i]!, 0);
      margins.push(product);
    }
    // Both branches occurred: one root above 0, two below.
    expect(margins.some((product) => product > 0)).toBe(true);
    expect(margins.some((product) => product < 0)).toBe(true);
  });

  it("leaves the joint sign open where nothing decides it, and certifies no more than that", async () => {
    const odd = net({
      ...twoLayers({ lossKind: "logistic", loss: logisticLoss }),
      shapes: { w1: [8, 2, 3, 3], w2: [1, 288] },
      forward: (p, x) => linear(flat(tanh(convolution(x, p.w1!, undefined, { pads: 1 }))), p.w2!),
    });
    const { problem } = problemOf(odd, [1], 3);
    const solution = await attack(problem);
    expect(solution.certificate.level).toBe("consistent");
    expect(solution.verdict).toBe("partial");
  });

  it("finds the target under squared error", async () => {
    const model = net({
      shapes: { w1: [8, 2, 3, 3], b1: [8], w2: [3, 288], b2: [3] },
      outputs: 3,
      forward: (p, x) => linear(flat(tanh(convolution(x, p.w1!, p.b1!, { pads: 1 }))), p.w2!, p.b2!),
      lossKind: "mean-squared-error",
      loss: (output, target) => mean(mul(sub(output, target), sub(output, target))),
    });
    const { problem, truth } = problemOf(model, [0.3, -1.2, 2], 5);
    const solution = await attack(problem);
    expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-9);
    expect(batchError(solution.value.target!, truth.target)).toBeLessThan(1e-9);
    expect(solution.certificate.level).toBe("exact");
  });

  it("refuses a head without bias under another loss", () => {
    const { problem } = problemOf(net(twoLayers({ lossKind: "mean-squared-error" })), [1], 1);
    expect(applicable(layerRecursion(), problem)).toEqual({
      reason: "the head w2 has no bias, so the scale of its input is open",
    });
  });
});

describe("the recursion from a confident prediction", () => {
  const model = net({
    shapes: { w1: [8, 2, 3, 3], b1: [8], w2: [5, 288], b2: [5] },
    outputs: 5,
    forward: (p, x) => linear(flat(tanh(convolution(x, p.w1!, p.b1!, { pads: 1 }))), p.w2!, p.b2!),
  });

  it("certifies it, though float32 arithmetic leaves the observation a scale of its own", async () => {
    let worst = 0;
    for (let seed = 0; seed < 8; seed++) {
      const { problem, truth } = problemOf(model, oneHot, seed);
      // A bias that makes the class of the target far likelier than the others: p − 1 ≈ −1e-5 cancels.
      const b2 = { shape: [5], data: Float64Array.from([0, 0, 14, 0, 0]) };
      const params = { ...problem.params, b2 };
      const graph = observationGraph(model, problem.operator, 1);
      const victim = await executor.compile(graph, { precision: "float32" });
      const observation = await victim.run({ ...parameterValues(params), ...truth });
      await victim.dispose();
      const sure: Problem = { ...problem, params, observation, observationPrecision: "float32" };
      const { residual } = await fitOf(sure, executor, truth);
      worst = Math.max(worst, residual);
      const solution = await attack(sure);
      expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-4);
      expect(solution.certificate.level, solution.certificate.reason).toBe("exact");
      expect(solution.value.target!.data).toEqual(truth.target.data);
    }
    // The truth itself does not explain every one of these observations to 1e-4.
    expect(worst).toBeGreaterThan(1e-4);
  });
});

describe("the recursion on a pruned observation", () => {
  const model = net({
    shapes: { w1: [10, 2, 3, 3], b1: [10], w2: [8, 10, 3, 3], b2: [8], w3: [6, 288], b3: [6] },
    outputs: 6,
    forward: (p, x) => {
      const h = tanh(convolution(x, p.w1!, p.b1!, { pads: 1 }));
      return linear(flat(sigmoid(convolution(h, p.w2!, p.b2!, { pads: 1 }))), p.w3!, p.b3!);
    },
  });
  const pruned = (rate: number, scope: PruneScope, seed: number) => {
    const { problem, truth } = problemOf(model, [0, 0, 1, 0, 0, 0], seed);
    const defence = pruneMagnitude({ rate, scope });
    const observation = defence.channel!.apply(problem.observation, rng(seed));
    const knowledge = { ...problem.knowledge, ...defence.channel!.visible!(observation) };
    return { problem: { ...problem, defences: [defence], observation, knowledge }, truth };
  };

  it("uses the entries that survived, and certifies no wrong input", { timeout: 120_000 }, async () => {
    let exact = 0;
    for (const scope of ["tensor", "global"] as const) {
      for (const rate of [0.2, 0.5, 0.9, 0.99]) {
        for (let seed = 0; seed < 2; seed++) {
          const { problem, truth } = pruned(rate, scope, seed);
          const solution = await attack(problem);
          const error = batchError(solution.value.input!, truth.input);
          expect(solution.given).toContain("mask");
          if (solution.certificate.level !== "exact") continue;
          expect(error, `${scope} ${rate} ${seed}`).toBeLessThan(1e-7);
          exact++;
        }
      }
    }
    expect(exact).toBeGreaterThanOrEqual(4);
  });

  it("says what is missing where all was removed", async () => {
    const solution = await attack(pruned(1, "tensor", 1).problem);
    expect(solution.verdict).toBe("not identifiable");
    expect(solution.reason).toMatch(/holds 0 numbers other than 0 for 72 unknowns/);
  });
});

describe("the recursion through steps that can be made part of a layer", () => {
  const normalised: NetOptions = {
    shapes: { w1: [8, 2, 3, 3], scale: [8], shift: [8], w2: [5, 288], b2: [5] },
    buffers: { average: [8], variance: [8] },
    outputs: 5,
    forward: (p, x) => {
      const z = convolution(x, p.w1!, undefined, { pads: 1 });
      const normal = batchNormEval(z, p.average!, p.variance!, { weight: p.scale!, bias: p.shift! });
      return linear(flat(tanh(normal)), p.w2!, p.b2!);
    },
  };

  it("folds batch normalisation in eval mode into the convolution before it", async () => {
    const { problem, truth } = problemOf(net(normalised), oneHot, 1, "eval");
    const solution = await attack(problem);
    expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-9);
    expect(solution.certificate.level).toBe("exact");
  });

  it("does without the channels that a normalisation scales by zero", async () => {
    const model = net(normalised);
    const zeroed: Model = {
      ...model,
      init: (random) => {
        const params = model.init(random);
        const scale = Float64Array.from(params.scale!.data, (value, c) => (c === 3 ? 0 : value));
        return { ...params, scale: { shape: [8], data: scale } };
      },
    };
    const { problem, truth } = problemOf(zeroed, oneHot, 2, "eval");
    const solution = await attack(problem);
    expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-8);
    expect(solution.certificate.level).toBe("exact");
  });

  it("goes through an average over windows before the activation", async () => {
    const model = net({
      shapes: { w1: [12, 2, 3, 3], b1: [12], w2: [5, 108], b2: [5] },
      outputs: 5,
      forward: (p, x) => linear(flat(tanh(avgPool(convolution(x, p.w1!, p.b1!, { pads: 1 }), 2))), p.w2!, p.b2!),
    });
    const { problem, truth } = problemOf(model, oneHot, 4);
    const solution = await attack(problem);
    expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-8);
    expect(solution.certificate.level).toBe("exact");
  });

  it("refuses an average behind the activation, and names it", () => {
    const model = net({
      shapes: { w1: [12, 2, 3, 3], b1: [12], w2: [5, 108], b2: [5] },
      outputs: 5,
      forward: (p, x) => linear(flat(avgPool(tanh(convolution(x, p.w1!, p.b1!, { pads: 1 })), 2)), p.w2!, p.b2!),
    });
    const { problem } = problemOf(model, oneHot, 4);
    const answer = applicable(layerRecursion(), problem);
    expect(answer).toEqual({
      reason: expect.stringMatching(
        /Between w1 and w2 lies more than a reshape \(sumPool, mul\), which leaves 108 of 432 numbers \(rank index at most 0.250\)/,
      ),
    });
  });

  it("refuses a skip connection, and what lies nearest the head where there is more", () => {
    const skip = (p: Tensors, x: Tensor): Tensor =>
      tanh(add(convolution(tanh(convolution(x, p.w1!, p.b1!, { pads: 1 })), p.w2!, p.b2!, { pads: 1 }), x));
    const shapes = { w1: [8, 2, 3, 3], b1: [8], w2: [2, 8, 3, 3], b2: [2] };
    const flattened = net({
      shapes: { ...shapes, w3: [5, 72], b3: [5] },
      outputs: 5,
      forward: (p, x) => linear(flat(skip(p, x)), p.w3!, p.b3!),
    });
    const averaged = net({
      shapes: { ...shapes, w3: [5, 2], b3: [5] },
      outputs: 5,
      forward: (p, x) => linear(mean(skip(p, x), [2, 3]), p.w3!, p.b3!),
    });
    const answer = (model: Model) => applicable(layerRecursion(), problemOf(model, oneHot, 1).problem);
    expect(answer(flattened)).toEqual({
      reason: "Between w2 and w3 lies a skip connection (add, tanh)",
    });
    expect(answer(averaged)).toEqual({
      reason: expect.stringMatching(
        /Between w2 and w3 lies a skip connection \(add, tanh, .*\), which leaves 2 of 72 numbers \(rank index at most 0.028\)/,
      ),
    });
  });
});
