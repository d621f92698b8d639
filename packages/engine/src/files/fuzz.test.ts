import { expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { nodesOf } from "../graph.ts";
import { attention, convNet, gcn, perceptron, recurrentNet, residualNet } from "./fixtures/exported-networks.ts";
import { drawer, mutate } from "./fixtures/mutate.ts";
import { opCases } from "./fixtures/op-cases.ts";
import { type ImportedModel, importOnnx } from "./import-onnx.ts";

const files = Number(process.env.RECON_FUZZ_FILES ?? 20_000);
const seed = Number(process.env.RECON_TEST_SEED);

/** Milliseconds and bytes that one file may take; generous, since the machine may be busy, but far below what a hang or a flood takes. */
const longest = 3000;
const largest = 512 * 2 ** 20;

function imported(bytes: Uint8Array): ImportedModel | EngineError {
  try {
    return importOnnx(bytes);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

test(
  `${files} mutated ONNX files give a model or an EngineError, in bounded time and memory, seed ${seed}`,
  () => {
    const whole = [perceptron(17), convNet(13), residualNet(17, true), attention(13), attention(17), gcn(18)];
    const recurrent = (["GRU", "LSTM", "RNN"] as const).map((cell) => recurrentNet(17, cell, "bidirectional"));
    const seeds = [...[...whole, ...recurrent].map((model) => model.bytes()), ...opCases.map(({ bytes }) => bytes)];
    for (const bytes of seeds) expect(imported(bytes)).not.toBeInstanceOf(EngineError);

    const draw = drawer(seed);
    const codes = new Map<string, number>();
    for (let i = 0; i < files; i++) {
      const bytes = mutate(seeds, draw);
      const before = process.memoryUsage();
      const start = performance.now();
      let result: ImportedModel | EngineError;
      try {
        result = imported(bytes);
      } catch (error) {
        throw new Error(`file ${i} of seed ${seed}: ${Buffer.from(bytes).toString("base64")}`, { cause: error });
      }
      const took = performance.now() - start;
      const after = process.memoryUsage();
      const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
      expect(took, `time of file ${i} of seed ${seed}`).toBeLessThan(longest);
      expect(grown, `memory of file ${i} of seed ${seed}`).toBeLessThan(largest);
      if (result instanceof EngineError) expect(result.message.length).toBeLessThan(2000);
      else
        for (const node of nodesOf(result.graph))
          expect(node.shape.every((n) => Number.isInteger(n) && n >= 0)).toBe(true);
      const code = result instanceof EngineError ? result.code : "model";
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Mutations that only ever broke the outermost bytes would test nothing behind the parser.
    expect(codes.get("model") ?? 0).toBeGreaterThan(files / 50);
    expect(codes.size).toBeGreaterThan(6);
  },
  Math.max(60_000, files * 20),
);
