import { afterAll, describe, expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { add, mul, neg, square, sub } from "../ops/arithmetic.ts";
import { linear, matmul } from "../ops/matmul.ts";
import { mean } from "../ops/reduce.ts";
import { reshape, sum } from "../ops/shape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { exp, tanh } from "../ops/unary.ts";
import { adam } from "../optimisers/adam.ts";
import { cosineDecay } from "../optimisers/schedule.ts";
import { sgd } from "../optimisers/sgd.ts";
import type { Arrays, NdArray, Tensor, Tensors } from "../tensor.ts";
import { type Batches, batchesOf, type Shuffle } from "./batches.ts";
import { type TrainOptions, train } from "./train.ts";
import { finishTraining, type TrainingEvent, type TrainingProgress, type TrainingResult } from "./training-event.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** Numbers in [0, 1) that look random: the fractional parts of multiples of the golden ratio, hashed by a sine. */
const noise = (i: number, salt: number): number => {
  const value = Math.sin(i * 12.9898 + salt * 78.233) * 43758.5453;
  return value - Math.floor(value);
};
const array = (shape: readonly number[], f: (i: number) => number): NdArray => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => f(i)),
});

const shuffle: Shuffle = (examples, epoch) =>
  Array.from({ length: examples }, (_, i) => i).sort((a, b) => noise(a, epoch + 1) - noise(b, epoch + 1));

/** Two interleaved half circles: no straight line separates them. */
function halfCircles(examples: number): Arrays {
  const side = (i: number): number => i % 2;
  const x = array([examples, 2], (flat) => {
    const [i, axis] = [Math.floor(flat / 2), flat % 2];
    const angle = Math.PI * noise(i, 0.3);
    const circle = axis === 0 ? Math.cos(angle) : Math.sin(angle);
    const placed = side(i) === 0 ? circle : (axis === 0 ? 1 : 0.5) - circle;
    return placed + 0.1 * (noise(flat, 0.7) - 0.5);
  });
  return { x, target: array([examples, 2], (flat) => Number(side(Math.floor(flat / 2)) === flat % 2)) };
}

const units = 16;
const start: Arrays = {
  w1: array([units, 2], (i) => 4 * (noise(i, 2) - 0.5)),
  b1: array([units], (i) => noise(i, 3) - 0.5),
  w2: array([2, units], (i) => noise(i, 4) - 0.5),
  b2: array([2], () => 0),
};

const logits = (p: Tensors, x: Tensor): Tensor => linear(tanh(linear(x, p.w1!, p.b1!)), p.w2!, p.b2!);
const crossEntropy = (p: Tensors, { x, target }: Tensors): Tensor =>
  neg(sum(mul(target!, logSoftmax(logits(p, x!))), [-1]));

function accuracy(p: Arrays, { x, target }: Arrays): number {
  const [w1, b1, w2, b2] = [p.w1!.data, p.b1!.data, p.w2!.data, p.b2!.data];
  const examples = x!.shape[0]!;
  let right = 0;
  for (let n = 0; n < examples; n++) {
    const z = [b2[0]!, b2[1]!];
    for (let j = 0; j < units; j++) {
      const h = Math.tanh(x!.data[2 * n]! * w1[2 * j]! + x!.data[2 * n + 1]! * w1[2 * j + 1]! + b1[j]!);
      for (const k of [0, 1]) z[k]! += w2[k * units + j]! * h;
    }
    right += target!.data[2 * n + (z[1]! > z[0]! ? 1 : 0)]!;
  }
  return right / examples;
}

const training = halfCircles(400);
const options = {
  parameters: start,
  loss: crossEntropy,
  batches: batchesOf({ data: training, batchSize: 32, shuffle }),
  optimiser: adam({ rate: cosineDecay({ rate: 0.03, warmUp: 10 }) }),
  epochs: 30,
  executor,
} satisfies TrainOptions;

async function collect(events: AsyncIterable<TrainingEvent>): Promise<[TrainingProgress[], TrainingResult]> {
  const steps: TrainingProgress[] = [];
  for await (const event of events) {
    if (event.kind === "result") return [steps, event];
    steps.push(event);
  }
  throw new Error("no result");
}

describe("train", () => {
  test("one step of descent on ½ mean (w x − y)² is the one done by hand", async () => {
    const data = { x: array([2, 1], (i) => i + 1), y: array([2, 1], (i) => 3 * i) };
    const { parameters, history } = await finishTraining(
      train({
        parameters: { w: array([1, 1], () => 1) },
        loss: (p, { x, y }) => mul(mean(square(sub(matmul(x!, p.w!), y!))), 0.5),
        batches: batchesOf({ data, batchSize: 2 }),
        optimiser: sgd({ rate: 0.5 }),
        epochs: 1,
        executor,
      }),
    );
    // Residuals 1 and −1 at x = 1 and 2: loss ½ · 1, gradient (1 − 2)/2 = −½.
    expect(parameters.w!.data[0]).toBe(1.25);
    expect(history).toEqual([{ epoch: 0, loss: 0.5, examples: 2 }]);
  });

  test("learns two half circles that no line separates", async () => {
    const [steps, result] = await collect(train(options));
    expect(result.outcome).toBe("completed");
    expect(steps).toHaveLength(30 * 13);
    expect(result.history).toHaveLength(30);
    expect(result.history.at(-1)!.loss).toBeLessThan(0.05);
    expect(accuracy(result.parameters, halfCircles(1000))).toBeGreaterThanOrEqual(0.99);
    const middle = steps[194]!;
    expect(middle).toMatchObject({ step: 195, steps: 390, epoch: 14, fraction: 0.5 });
    expect(middle.remainingMs).toBeCloseTo(middle.elapsedMs, 6);
  });

  test("equal options give equal bytes, in one run or in two", async () => {
    const short = { ...options, epochs: 3 };
    const [steps, whole] = await collect(train(short));
    const [, again] = await collect(train(short));
    expect(again.state).toEqual(whole.state);
    const saved = structuredClone(steps[19]!.state);
    expect(saved.step).toBe(20);
    const [rest, resumed] = await collect(train({ ...short, resume: saved }));
    expect(rest).toHaveLength(19);
    expect(resumed.state).toEqual(whole.state);
    expect(resumed.history).toEqual(whole.history);
  });

  test("the masked last batch counts its own examples only", async () => {
    const data = { x: array([5], (i) => i) };
    const seen: number[] = [];
    const { history } = await finishTraining(
      train({
        parameters: { w: array([], () => 0) },
        loss: (p, { x }) => add(x!, mul(p.w!, 0)),
        batches: batchesOf({ data, batchSize: 3 }),
        optimiser: sgd({ rate: 1 }),
        epochs: 1,
        executor,
        onStep: ({ loss }) => void seen.push(loss),
      }),
    );
    expect(seen).toEqual([1, 3.5]);
    expect(history).toEqual([{ epoch: 0, loss: 2, examples: 5 }]);
  });

  test("buffers are carried along without a gradient", async () => {
    const { buffers } = await finishTraining(
      train({
        parameters: { w: array([], () => 0) },
        buffers: { total: array([], () => 10) },
        loss: (p, { x }, { total }) => ({ loss: square(p.w!), buffers: { total: add(total!, sum(x!)) } }),
        batches: batchesOf({ data: { x: array([4], (i) => i + 1) }, batchSize: 2 }),
        optimiser: sgd({ rate: 1 }),
        epochs: 2,
        executor,
      }),
    );
    expect(buffers.total!.data[0]).toBe(30);
  });

  test("clipping limits the norm of the whole gradient and reports the norm before", async () => {
    const norms: number[] = [];
    const { parameters } = await finishTraining(
      train({
        parameters: { a: array([], () => 0), b: array([], () => 0) },
        loss: (p, { x }) => sum(mul(x!, add(mul(p.a!, 3), mul(p.b!, 4)))),
        batches: batchesOf({ data: { x: array([1], () => 10) }, batchSize: 1 }),
        optimiser: sgd({ rate: 1 }),
        epochs: 1,
        clipNorm: 5,
        executor,
        onStep: ({ gradientNorm }) => void norms.push(gradientNorm),
      }),
    );
    expect(norms).toEqual([50]);
    expect([parameters.a!.data[0], parameters.b!.data[0]]).toEqual([-3, -4]);
  });

  test("a loss that overflows is an outcome, with the last finite state", async () => {
    const [steps, result] = await collect(
      train({
        parameters: { w: array([], () => 1) },
        loss: (p, { x }) => mul(exp(mul(p.w!, p.w!)), mean(x!)),
        batches: batchesOf({ data: { x: array([1], () => 1) }, batchSize: 1 }),
        optimiser: sgd({ rate: 1 }),
        epochs: 50,
        executor,
      }),
    );
    expect(result.outcome).toBe("diverged");
    // w is 1, then 1 − 2e = −4.4 where the loss is e^19.7, then about 3e9 where it is infinite.
    expect(steps).toHaveLength(2);
    expect(result.reason).toMatch(/not finite at step 2\b/);
    expect(result.steps).toBe(1);
    expect(result.parameters.w!.data[0]).toBeCloseTo(1 - 2 * Math.E, 5);
  });

  test("the signal ends a run within a step, and the run can go on from there", async () => {
    const controller = new AbortController();
    const stopping = train({
      ...options,
      epochs: 2,
      signal: controller.signal,
      onStep: ({ step }) => (step === 7 ? controller.abort() : undefined),
    });
    const [steps, result] = await collect(stopping);
    expect(steps).toHaveLength(7);
    expect(result).toMatchObject({ outcome: "aborted", steps: 7 });
    const whole = await finishTraining(train({ ...options, epochs: 2 }));
    const resumed = await finishTraining(train({ ...options, epochs: 2, resume: result.state }));
    expect(resumed.state).toEqual(whole.state);
  });

  test("a signal that fires while the program runs discards the step", async () => {
    const controller = new AbortController();
    const batches: Batches = {
      ...options.batches,
      at: (epoch, index) => {
        if (index === 3) setImmediate(() => controller.abort());
        return options.batches.at(epoch, index);
      },
    };
    const result = await finishTraining(train({ ...options, batches, signal: controller.signal }));
    expect(result).toMatchObject({ outcome: "aborted", steps: 3 });
  });

  test("leaving the loop early frees the program", async () => {
    let living = 0;
    const counting: typeof executor = {
      ...executor,
      compile: async (...given) => {
        const program = await executor.compile(...given);
        living++;
        return { ...program, dispose: () => program.dispose().then(() => void living--) };
      },
    };
    for await (const event of train({ ...options, executor: counting })) if (event.kind === "progress") break;
    expect(living).toBe(0);
  });

  test.each([
    ["a loss that is no scalar and no list", { loss: (p: Tensors) => reshape(p.w1!, [2, units]) }, "shape"],
    [
      "a mean over a batch that must be masked",
      { loss: (p: Tensors, b: Tensors) => mean(crossEntropy(p, b)) },
      "shape",
    ],
    ["half an epoch", { epochs: 0.5 }, "bad-option"],
    ["a largest norm of 0", { clipNorm: 0 }, "bad-option"],
  ])("refuses %s", async (_what, wrong, code) => {
    await expect(finishTraining(train({ ...options, ...wrong }))).rejects.toMatchObject({ code });
  });

  test("refuses a saved state of another run", async () => {
    const { state } = await finishTraining(train({ ...options, epochs: 1 }));
    const resume = { ...state, parameters: { ...state.parameters, w1: array([3], () => 0) } };
    await expect(finishTraining(train({ ...options, resume }))).rejects.toMatchObject({ code: "bad-resume" });
    await expect(
      finishTraining(train({ ...options, optimiser: sgd({ rate: 1 }), resume: state })),
    ).rejects.toMatchObject({ code: "bad-resume" });
  });
});
