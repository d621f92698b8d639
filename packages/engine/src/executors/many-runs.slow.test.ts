import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { smallLeNet } from "../fixtures/networks.ts";
import { grad } from "../grad.ts";
import { graph } from "../graph.ts";
import { square } from "../ops/arithmetic.ts";
import { sum } from "../ops/shape.ts";
import { sizeOf } from "../tensor.ts";
import { onnxruntime } from "./onnxruntime.ts";

test("ten thousand runs of a program leave the resident set within 5 %", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const { x, parameters, logits } = smallLeNet(1);
  const gradient = grad(sum(square(grad(sum(logits), [x])[0]!)), [x])[0]!;
  const g = graph({ x, ...parameters }, { gradient });
  const arrays = Object.fromEntries(
    Object.entries(g.inputs).map(([name, { shape }]) => [
      name,
      { shape, data: new Float32Array(sizeOf(shape)).fill(0.1) },
    ]),
  );
  const executor = onnxruntime({ threads: 1 });
  const program = await executor.compile(g);
  const residentAfter = async (runs: number): Promise<number> => {
    for (let i = 0; i < runs; i++) {
      await program.run(arrays);
      if (i % 500 === 499) collectGarbage();
    }
    return process.memoryUsage.rss();
  };
  const before = await residentAfter(2000);
  const after = await residentAfter(10_000);
  await executor.dispose();
  console.log(
    `resident set: ${(before / 2 ** 20).toFixed(1)} MB, ${(after / 2 ** 20).toFixed(1)} MB after 10,000 runs`,
  );
  expect(after).toBeLessThan(1.05 * before);
}, 600_000);
