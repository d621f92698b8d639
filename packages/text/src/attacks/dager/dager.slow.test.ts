import { onnxruntime } from "@recon/engine";
import { afterAll, expect, it } from "vitest";
import { drawnBatches } from "./fixtures/drawn-batches.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());

it("certifies nothing wrong in many drawn batches, and recovers most", { timeout: 1_200_000 }, async () => {
  const { recovered, draws } = await drawnBatches(150, executor);
  expect(recovered).toBeGreaterThanOrEqual(draws / 2);
});
