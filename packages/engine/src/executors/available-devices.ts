import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { graph } from "../graph.ts";
import { lower } from "../onnx/lower.ts";
import { add } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { loadRuntime } from "./load-runtime.ts";

/** Whether programs run on a device here. */
export interface DeviceReport {
  /** Name to pass as `device` to `onnxruntime`. */
  readonly device: string;
  readonly available: boolean;
  /** Why not, in the runtime's words, first line only; absent where it is available. */
  readonly reason?: string;
}

/** Asks one device for 1 + 2 and prints what came of it: a program of its own, because a driver may crash or write to the terminal. */
const probe = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const [runtime, device, model] = process.argv.slice(1);
const answer = (report) => process.stdout.write(JSON.stringify(report));
try {
  const { InferenceSession, Tensor } = require(runtime);
  const session = await InferenceSession.create(Buffer.from(model, "base64"), { executionProviders: [device], logSeverityLevel: 4 });
  const one = (value) => new Tensor("float32", Float32Array.of(value), [1]);
  const { o0 } = await session.run({ i0: one(1), i1: one(2) });
  answer((await o0.getData())[0] === 3 ? { available: true } : { available: false, reason: "it computes 1 + 2 wrongly" });
} catch (error) {
  answer({ available: false, reason: String(error.message ?? error) });
}
process.exit(0);
`;

const run = promisify(execFile);

/** Every execution provider that ONNX Runtime names on this platform, tried on a tiny program in a process of its own. */
export async function availableDevices(): Promise<readonly DeviceReport[]> {
  const require = createRequire(import.meta.url);
  let names: readonly string[];
  try {
    const { listSupportedBackends } = await loadRuntime();
    names = listSupportedBackends().map((backend) => backend.name);
  } catch (error) {
    return [{ device: "cpu", available: false, reason: `ONNX Runtime does not load: ${firstLine(error)}` }];
  }
  const a = input("a", [1]);
  const b = input("b", [1]);
  const model = Buffer.from(lower(graph({ a, b }, { sum: add(a, b) })).bytes).toString("base64");
  const runtime = require.resolve("onnxruntime-node");
  return await Promise.all(names.map((device) => tryDevice(runtime, device, model)));
}

async function tryDevice(runtime: string, device: string, model: string): Promise<DeviceReport> {
  try {
    const flags = ["--input-type=module", "-e", probe, "--", runtime, device, model];
    const { stdout } = await run(process.execPath, flags, { timeout: 60_000 });
    const answer = JSON.parse(stdout) as { available: boolean; reason?: string };
    if (answer.available) return { device, available: true };
    return { device, available: false, reason: firstLine(answer.reason ?? "no reason given") };
  } catch (error) {
    return { device, available: false, reason: `the runtime crashed while it tried: ${firstLine(error)}` };
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // Source positions inside the runtime come before the sentence that matters.
  return text.split("\n")[0]!.replace(/^\/\S+:\d+ .*? was false\. /, "");
}
