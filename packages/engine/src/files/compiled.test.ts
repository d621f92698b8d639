import { afterAll, describe, expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { interpret } from "../interpret.ts";
import { type Arrays, sizeOf } from "../tensor.ts";
import { wave } from "./fixtures/build-model.ts";
import { distance } from "./fixtures/compare.ts";
import { attention, convNet, gcn, recurrentNet, residualNet } from "./fixtures/exported-networks.ts";
import { opCases } from "./fixtures/op-cases.ts";
import { importOnnx } from "./import-onnx.ts";

const executor = onnxruntime({ threads: 1, idlePrograms: 0 });
afterAll(() => executor.dispose());

/** Compiles what was imported, weights as constants, and compares with the interpreter. */
async function expectCompiled(bytes: Uint8Array): Promise<void> {
  const { graph, inputs, parameters } = importOnnx(bytes);
  const feeds: Arrays = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }], i) => {
      const drawn = wave(sizeOf(shape), i + 1, 0.9).map((v) => (dtype === "float" ? v : Number(v > 0)));
      return [name, { shape, data: Float64Array.from(drawn) }];
    }),
  );
  const program = await executor.compile(graph, { constants: parameters });
  const found = await program.run(feeds);
  const expected = interpret(graph, { ...feeds, ...parameters });
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(found[name]!.shape).toEqual(shape);
    expect(distance(found[name]!.data, data), name).toBeLessThan(1e-5);
  }
  await program.dispose();
}

describe("an imported model compiles to a program that agrees with the interpreter", () => {
  const networks = {
    convNet: convNet(17),
    residualNet: residualNet(17, true),
    attention: attention(17),
    gcn: gcn(17),
    gru: recurrentNet(17, "GRU", "bidirectional"),
    lstm: recurrentNet(17, "LSTM", "reverse"),
  };
  for (const [name, model] of Object.entries(networks)) {
    test(name, async () => {
      await expectCompiled(model.bytes());
    });
  }

  // Operators that bring integers, choices or ops of their own.
  const tried = new Set([
    "TopK",
    "Cast",
    "Where",
    "ArgMax",
    "MaxPool",
    "OneHot",
    "ScatterElements",
    "GatherElements",
    "Resize",
    "Einsum",
  ]);
  for (const { op, title, bytes } of opCases.filter((one) => tried.has(one.op))) {
    test(`${op}: ${title}`, async () => {
      await expectCompiled(bytes);
    });
  }
});
