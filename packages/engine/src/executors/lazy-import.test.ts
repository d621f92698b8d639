import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { graph, input, mul, onnxruntime } from "../index.ts";

const loaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("onnxruntime-node"));

test("the runtime is loaded by the first compile and not before", async () => {
  const executor = onnxruntime();
  expect(loaded()).toBe(false);
  const x = input("x", [1]);
  await executor.compile(graph({ x }, { y: mul(x, 2) }));
  expect(loaded()).toBe(true);
  await executor.dispose();
});
