import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { graph, input, loadRuntime, mul, onnxruntime } from "../index.ts";

const thread = vi.hoisted(() => ({ isMainThread: true }));
vi.mock("node:worker_threads", () => thread);

const home = mkdtempSync(join(tmpdir(), "recon-silence-"));

beforeAll(() => {
  // Where the runtime would keep what it sends. On build servers, which it knows by these names, it is silent by itself.
  for (const name of ["HOME", "USERPROFILE", "XDG_CACHE_HOME", "TMPDIR", "TEMP", "TMP"]) process.env[name] = home;
  for (const name of Object.keys(process.env))
    if (/^(CI|TF_BUILD|TRAVIS|(BUILD|GITHUB|GITLAB|JENKINS|ORT)_.*)$/.test(name)) delete process.env[name];
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

test("a worker thread that cannot silence the runtime is refused, with what to do", async () => {
  thread.isMainThread = false;
  await expect(loadRuntime()).rejects.toThrow("call silenceRuntime() of @recon/engine in the main thread before");
  thread.isMainThread = true;
});

test("the runtime leaves nothing behind: no number of the device, no file of events", async () => {
  const executor = onnxruntime();
  const x = input("x", [2]);
  const program = await executor.compile(graph({ x }, { y: mul(x, 2) }));
  await program.run({ x: { shape: [2], data: Float32Array.of(1, 2) } });
  await executor.dispose();
  expect(readdirSync(home)).toEqual([]);
});
