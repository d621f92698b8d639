import { beforeEach, describe, expect, test } from "vitest";
import { activate, tf } from "../fixtures/backends.ts";
import type { TfjsTensor } from "../tfjs.ts";
import { traceFunction } from "./trace-function.ts";

describe("what cannot be traced is said, and the backend comes back", () => {
  beforeEach(() => activate("cpu"));
  const inputs = { x: { shape: [2] } };
  const cases: Readonly<Record<string, readonly [string, RegExp, (x: TfjsTensor) => unknown]>> = {
    "a kernel without a rule": [
      "unsupported-op",
      /"Bincount".*src\/tfjs\/trace/,
      () => tf.bincount(tf.tensor1d([1], "int32"), tf.tensor1d([1]), 2),
    ],
    "reading numbers": ["traced-value", /no numbers yet/, (x) => x.dataSync()],
    "assigning to a variable": ["traced-value", /variable/, (x) => tf.variable(x, true, `made inside ${Math.PI}`)],
    "TensorFlow.js's gradients": [
      "gradient-in-trace",
      /grad of @recon\/engine/,
      (x) => tf.grad((y) => tf.sum(tf.tanh(y)))(x),
    ],
    "an asynchronous function": [
      "async-function",
      /promise/,
      async (x) => {
        await null;
        return tf.exp(x);
      },
    ],
    "no tensor": ["not-a-tensor", /no tensor/, () => undefined],
    "a number": ["not-a-tensor", /"a"/, () => ({ a: 1 })],
    "an error of the function": [
      "",
      /^mine$/,
      () => {
        throw new Error("mine");
      },
    ],
  };

  test.each(Object.entries(cases))("%s", async (_name, [code, message, f]) => {
    const { numTensors } = tf.memory();
    let caught: unknown;
    try {
      traceFunction(tf, ({ x }) => f(x!) as TfjsTensor, inputs);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ message: expect.stringMatching(message), ...(code === "" ? {} : { code }) });
    expect(tf.getBackend()).toBe("cpu");
    expect(
      tf
        .engine()
        .backendNames()
        .filter((name) => name.startsWith("recon")),
    ).toEqual([]);
    expect(tf.getKernelsForBackend("recon-trace-0")).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (code !== "traced-value") expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.exp(tf.scalar(0)).dataSync()).toEqual(Float32Array.of(1));
  });

  test("a backend that is still starting", async () => {
    const starting = tf.setBackend("wasm");
    if (!("wasm" in tf.engine().registry)) {
      expect(() => traceFunction(tf, ({ x }) => x!, inputs)).toThrow(
        expect.objectContaining({ code: "backend-not-ready" }),
      );
    }
    await starting;
    await tf.ready();
    expect(traceFunction(tf, ({ x }) => x!, inputs).outputs.output!.op.name).toBe("input");
    expect(tf.getBackend()).toBe("wasm");
  });

  test("a traced tensor that got out of its trace", () => {
    let kept: TfjsTensor | undefined;
    traceFunction(
      tf,
      ({ x }) => {
        kept = tf.keep(tf.exp(x!));
        return kept;
      },
      inputs,
    );
    expect(() => kept!.dataSync()).toThrow(expect.objectContaining({ code: "traced-value" }));
    expect(() => tf.neg(kept!)).toThrow(expect.objectContaining({ code: "traced-value" }));
    expect(() => traceFunction(tf, ({ x }) => tf.add(x!, kept!), inputs)).toThrow(
      expect.objectContaining({ code: "traced-value" }),
    );
  });
});
