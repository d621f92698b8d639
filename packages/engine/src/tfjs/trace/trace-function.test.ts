import type { Tensor1D } from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Graph } from "../../graph.ts";
import { interpret } from "../../interpret.ts";
import { activate, tf } from "../fixtures/backends.ts";
import { distance, numbers } from "../fixtures/numbers.ts";
import { tracedFunctions } from "../fixtures/traced-functions.ts";
import { traceFunction } from "./trace-function.ts";

/** The outputs of a graph with one input, in float64. */
const run = (g: Graph, x: ReturnType<typeof numbers>) => interpret(g, { x });

describe("a traced function", () => {
  beforeAll(() => activate("cpu"));

  test.each(Object.entries(tracedFunctions))("equals the function: %s", (_name, [shape, f]) => {
    const x = numbers(shape, 3);
    const before = tf.memory();
    const g = traceFunction(tf, ({ x: given }) => f(given!), { x: { shape } });
    expect(tf.memory()).toEqual(before);
    expect(tf.getBackend()).toBe("cpu");
    const actual = run(g, x).output!;
    const [expectedShape, expected] = tf.tidy(() => {
      const y = f(tf.tensor(x.data, [...shape]));
      return [y.shape, y.dataSync()] as const;
    });
    expect(actual.shape).toEqual(expectedShape);
    expect(distance(actual.data, expected)).toBeLessThan(2e-6);
  });

  test("has names for several inputs and outputs, and takes integers", () => {
    const g = traceFunction(
      tf,
      ({ table, places }) => ({
        rows: tf.gather(table!, places as Tensor1D),
        total: tf.sum(table!),
      }),
      { table: { shape: [3, 2] }, places: { shape: [2], dtype: "int" } },
    );
    const { rows, total } = interpret(g, {
      table: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
      places: { shape: [2], data: Int32Array.of(2, 0) },
    });
    expect(rows!.data).toEqual(Float64Array.of(5, 6, 1, 2));
    expect(total!.data).toEqual(Float64Array.of(21));
  });

  test("sees tensors and variables from outside as constants and leaves them where they are", () => {
    const outside = tf.tensor1d([1, 2]);
    const variable = tf.variable(tf.tensor1d([10, 20]));
    const reshaped = tf.reshape(outside, [2, 1]);
    const g = traceFunction(tf, ({ x }) => tf.add(tf.add(tf.mul(x!, outside), variable), reshaped), {
      x: { shape: [2] },
    });
    expect(run(g, { shape: [2], data: Float32Array.of(1, 1) }).output!.data).toEqual(Float64Array.of(12, 23, 13, 24));
    expect(outside.dataSync()).toEqual(Float32Array.of(1, 2));
    expect(tf.add(variable, 1).dataSync()).toEqual(Float32Array.of(11, 21));
    tf.dispose([outside, variable, reshaped]);
  });
});

describe("two traces at a time do not mix", () => {
  beforeEach(() => activate("cpu"));

  test("one inside the other", () => {
    let inner: Graph | undefined;
    const outer = traceFunction(
      tf,
      ({ x }) => {
        const y = tf.exp(x!);
        inner = traceFunction(tf, ({ z }) => tf.mul(z!, 3), { z: { shape: [1] } });
        return tf.add(y, 1);
      },
      { x: { shape: [1] } },
    );
    expect(run(outer, { shape: [1], data: Float32Array.of(0) }).output!.data).toEqual(Float64Array.of(2));
    expect(interpret(inner!, { z: { shape: [1], data: Float32Array.of(2) } }).output!.data).toEqual(Float64Array.of(6));
    expect(tf.getBackend()).toBe("cpu");
  });

  test("a tensor of one used in another", () => {
    expect(() =>
      traceFunction(
        tf,
        ({ x }) => {
          traceFunction(tf, ({ z }) => tf.add(z!, x!), { z: { shape: [1] } });
          return x!;
        },
        { x: { shape: [1] } },
      ),
    ).toThrow(expect.objectContaining({ code: "traced-value", message: expect.stringContaining("another trace") }));
    expect(tf.getBackend()).toBe("cpu");
  });

  test("interleaved with each other and with computing", async () => {
    const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const work = async (n: number): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        const held = tf.scalar(n);
        await pause();
        const g = traceFunction(tf, ({ x }) => tf.add(tf.mul(x!, held), round), { x: { shape: [1] } });
        await pause();
        const square = await tf.tidy(() => tf.square(held)).data();
        expect(square[0]).toBe(n * n);
        expect(run(g, { shape: [1], data: Float32Array.of(10) }).output!.data[0]).toBe(10 * n + round);
        held.dispose();
      }
    };
    await Promise.all([1, 2, 3, 4].map(work));
    expect(tf.getBackend()).toBe("cpu");
  });
});
