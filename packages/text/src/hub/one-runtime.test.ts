import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

test("the library of the hub runs on the same onnxruntime as the engine: there is one copy in the tree", () => {
  const lock = readFileSync(new URL("../../../../pnpm-lock.yaml", import.meta.url), "utf8");
  const copies = new Set(Array.from(lock.matchAll(/^ {2}'?onnxruntime-node@([^:'(]+)/gm), ([, version]) => version));
  expect([...copies]).toHaveLength(1);
  const own = createRequire(import.meta.url);
  const ofLibrary = createRequire(own.resolve("@xenova/transformers"));
  const ofEngine = createRequire(new URL("../../../engine/package.json", import.meta.url));
  const [one, other] = [ofLibrary, ofEngine].map((from) => realpathSync(from.resolve("onnxruntime-node")));
  expect(one).toBe(other);
});
