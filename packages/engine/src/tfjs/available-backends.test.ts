import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { availableBackends } from "./available-backends.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recon-backends-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(name: string, code: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "index.js"), code);
}

/** A package with just what is asked of it: 1 + 2 = `sum`, on a GPU or not. */
const packageThatSays = (sum: number, gpu: boolean): string => `
  console.log("loading");
  module.exports = {
    scalar: (x) => x, add: () => ({ data: async () => [${sum}] }), ready: async () => {}, setBackend: async () => true,
    backend: () => ({ isGPUPackage: true, isUsingGpuDevice: ${gpu} }),
  };`;

const byName = async (where: string) =>
  Object.fromEntries((await availableBackends(where)).map(({ device, ...rest }) => [device, rest]));

test("the backends that are installed here work", async () => {
  const reports = await byName(fileURLToPath(new URL("../..", import.meta.url)));
  expect(reports["@tensorflow/tfjs-backend-cpu"]).toEqual({ available: true });
  expect(reports["@tensorflow/tfjs-backend-wasm"]).toEqual({ available: true });
}, 60_000);

test("those that are not say how to get them", async () => {
  const reports = await byName(folder);
  expect(reports["@tensorflow/tfjs-node-gpu"]).toEqual({
    available: false,
    reason: "it is not installed: npm install @tensorflow/tfjs-node-gpu",
  });
});

test("a GPU package with a GPU, and without one", async () => {
  install("@tensorflow/tfjs-node-gpu", packageThatSays(3, true));
  install("@tensorflow/tfjs-node", packageThatSays(3, false));
  const reports = await byName(folder);
  expect(reports["@tensorflow/tfjs-node-gpu"]).toEqual({ available: true });
  expect(reports["@tensorflow/tfjs-node"]).toMatchObject({ available: false, reason: expect.stringMatching(/no GPU/) });
}, 60_000);

test("packages that fail, compute nonsense or crash", async () => {
  install("@tensorflow/tfjs-node-gpu", "throw new Error('libcuda is missing\\nmore');");
  install("@tensorflow/tfjs-node", packageThatSays(4, true));
  install("@tensorflow/tfjs-backend-cpu", "process.abort();");
  const reports = await byName(folder);
  expect(reports["@tensorflow/tfjs-node-gpu"]).toEqual({ available: false, reason: "libcuda is missing" });
  expect(reports["@tensorflow/tfjs-node"]!.reason).toMatch(/1 \+ 2/);
  expect(reports["@tensorflow/tfjs-backend-cpu"]!.reason).toMatch(/^it crashed/);
}, 60_000);
