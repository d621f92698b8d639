import { expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { adam } from "../optimisers/adam.ts";
import { cosineDecay } from "../optimisers/schedule.ts";
import { batchesOf } from "./batches.ts";
import { accuracyOf, crossEntropy, initialWeights } from "./fixtures/digit-network.ts";
import { digits, shifted } from "./fixtures/digits.ts";
import { seededStream } from "./fixtures/seeded-stream.ts";
import { train } from "./train.ts";

test("a small convolutional network learns ten thousand digits to 97 % in under a minute on two cores", async () => {
  const { training, test: held } = digits({ seed: 1, held: 1000 });
  expect([training.x!.shape[0], held.x!.shape[0]]).toEqual([9000, 1000]);
  const executor = onnxruntime({ threads: 2 });
  const started = performance.now();
  const shuffle = (n: number, epoch: number): number[] => seededStream(epoch).permutation(n);
  const run = train({
    parameters: initialWeights(1),
    loss: crossEntropy,
    batches: shifted(batchesOf({ data: training, batchSize: 64, shuffle }), { seed: 2 ** 20, most: 1 }),
    optimiser: adam({ rate: cosineDecay({ rate: 0.004, warmUp: 20 }) }),
    epochs: 5,
    executor,
  });
  const curve: number[] = [];
  let seconds = 0;
  for await (const event of run) {
    if (event.kind === "result") {
      seconds = (performance.now() - started) / 1000;
      expect(event.outcome).toBe("completed");
    } else if (event.history.length > curve.length) {
      curve.push(await accuracyOf(executor, event.state.parameters, held));
    }
  }
  await executor.dispose();
  console.log(`accuracy by epoch: ${curve.join(", ")}; ${seconds.toFixed(1)} s`);
  expect(curve).toHaveLength(5);
  expect(curve.at(-1)).toBeGreaterThanOrEqual(0.97);
  expect(seconds).toBeLessThan(60);
}, 300_000);
