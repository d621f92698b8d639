import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { smallLeNet } from "../fixtures/networks.ts";
import { grad } from "../grad.ts";
import { graph } from "../graph.ts";
import { lower } from "../onnx/lower.ts";
import { add, square } from "../ops/arithmetic.ts";
import { sum } from "../ops/shape.ts";
import { optimise } from "../passes/optimise.ts";
import { sizeOf } from "../tensor.ts";
import { onnxruntime } from "./onnxruntime.ts";

/** Where builds of chromium keep a Vulkan driver that needs no graphics card; the environment's folder first. */
const folders = [
  process.env.RECON_VULKAN,
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/snap/chromium/current/usr/lib/chromium-browser",
  "/opt/google/chrome",
];
const manifest = "vk_swiftshader_icd.json";
const drivers = folders.find((folder) => folder !== undefined && existsSync(join(folder, manifest)));

// A process of its own: the driver is found through the environment a process starts with, and may crash.
const child = `
const [runtime, modelFile, feedsFile] = process.argv.slice(1);
const { readFileSync } = require("node:fs");
const { InferenceSession, Tensor } = require(runtime);
const feeds = JSON.parse(readFileSync(feedsFile, "utf8"));
(async () => {
  let session;
  try {
    session = await InferenceSession.create(readFileSync(modelFile), { executionProviders: ["webgpu"], logSeverityLevel: 4 });
  } catch (error) {
    return { unavailable: String(error.message).split("\\n")[0] };
  }
  const inputs = Object.entries(feeds).map(([name, { shape, data }]) => [name, new Tensor("float32", Float32Array.from(data), shape)]);
  const outputs = await session.run(Object.fromEntries(inputs));
  return Object.fromEntries(await Promise.all(Object.entries(outputs).map(async ([name, t]) => [name, Array.from(await t.getData())])));
})().then((answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)));
`;

test("a LeNet step on WebGPU agrees with the cpu", { timeout: 120_000 }, async (context) => {
  const { x, parameters, logits } = smallLeNet(2);
  const first = Object.values(grad(sum(square(logits)), Object.values(parameters)));
  const distance = first.map((g) => sum(square(g))).reduce((a, b) => add(a, b));
  const g = optimise(graph({ x, ...parameters }, { gradient: grad(distance, [x])[0]! }));
  const values = Object.fromEntries(
    Object.entries(g.inputs).map(([name, { shape }], k) => [
      name,
      { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.3 * Math.sin(1.7 * i + k)) },
    ]),
  );
  const executor = onnxruntime();
  const expected = (await (await executor.compile(g)).run(values)).gradient!.data;
  await executor.dispose();

  const lowered = lower(g);
  const folder = await mkdtemp(join(tmpdir(), "recon-webgpu-"));
  const [modelFile, feedsFile] = [join(folder, "model.onnx"), join(folder, "feeds.json")];
  await writeFile(modelFile, lowered.bytes);
  const feeds = Object.entries(lowered.inputs).map(([name, id]) => [
    id,
    { shape: values[name]!.shape, data: Array.from(values[name]!.data) },
  ]);
  await writeFile(feedsFile, JSON.stringify(Object.fromEntries(feeds)));
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  const driver = drivers === undefined ? {} : { VK_ICD_FILENAMES: join(drivers, manifest), LD_LIBRARY_PATH: drivers };
  const env = { ...process.env, ...driver };
  const options = { env, maxBuffer: 2 ** 28, timeout: 110_000 };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["-e", child, "--", runtime, modelFile, feedsFile],
    options,
  );
  await rm(folder, { recursive: true });
  const answer = JSON.parse(stdout) as Record<string, number[]> & { unavailable?: string };
  if (answer.unavailable !== undefined) {
    // Where the driver is installed there is an adapter.
    expect(drivers, answer.unavailable).toBeUndefined();
    console.log(
      `WebGPU is not tested here: ${answer.unavailable} Install chromium, which brings a driver, or name its folder in RECON_VULKAN.`,
    );
    context.skip(`no WebGPU adapter: ${answer.unavailable}`);
  }
  const actual = answer[lowered.outputs.gradient!]!;
  const norm = (f: (i: number) => number): number => Math.hypot(...Array.from(expected, (_, i) => f(i)));
  expect(norm((i) => actual[i]! - expected[i]!) / norm((i) => expected[i]!)).toBeLessThan(1e-4);
});
