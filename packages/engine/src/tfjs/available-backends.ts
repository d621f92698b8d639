import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DeviceReport } from "../executors/available-devices.ts";

/** A package with a backend of TensorFlow.js, and the backend's name there. */
interface BackendPackage {
  readonly name: string;
  readonly backend: string;
}

/** Fastest first. */
const packages: readonly BackendPackage[] = [
  { name: "@tensorflow/tfjs-node-gpu", backend: "tensorflow" },
  { name: "@tensorflow/tfjs-node", backend: "tensorflow" },
  { name: "@tensorflow/tfjs-backend-wasm", backend: "wasm" },
  { name: "@tensorflow/tfjs-backend-cpu", backend: "cpu" },
];

/** Asks one backend for 1 + 2: a program of its own, because a native library may crash, or print to the terminal. */
const probe = `
const [name, backend, from] = process.argv.slice(1);
const require = (await import("node:module")).createRequire(from);
const answer = (report) => process.stdout.write("\\n" + JSON.stringify(report), () => process.exit(0));
try {
  const loaded = require(name);
  const tf = loaded.scalar === undefined ? require("@tensorflow/tfjs-core") : loaded;
  if (!(await tf.setBackend(backend))) throw new Error("the backend does not start");
  await tf.ready();
  const [sum] = await tf.add(tf.scalar(1), tf.scalar(2)).data();
  const idle = tf.backend().isGPUPackage === true && tf.backend().isUsingGpuDevice !== true;
  if (sum !== 3) throw new Error("it computes 1 + 2 wrongly");
  answer(idle ? { available: false, reason: "it finds no GPU and would compute on the processor" } : { available: true });
} catch (error) {
  answer({ available: false, reason: String(error.message ?? error) });
}
`;

const run = promisify(execFile);

/**
 * Which packages with a TensorFlow.js backend are installed and work here, each tried on a tiny program in a process of its own.
 *
 * Reports are named for the package. Nothing is loaded into this process.
 *
 * @param folder where to look for packages from; the working directory by default.
 */
export async function availableBackends(folder: string = process.cwd()): Promise<readonly DeviceReport[]> {
  const from = join(folder, "package.json");
  return await Promise.all(packages.map((candidate) => tryBackend(candidate, from)));
}

async function tryBackend({ name, backend }: BackendPackage, from: string): Promise<DeviceReport> {
  try {
    createRequire(from).resolve(name);
  } catch {
    return { device: name, available: false, reason: `it is not installed: npm install ${name}` };
  }
  try {
    const flags = ["--input-type=module", "-e", probe, "--", name, backend, from];
    const { stdout } = await run(process.execPath, flags, { timeout: 60_000 });
    const answer = JSON.parse(stdout.slice(stdout.lastIndexOf("\n"))) as { available: boolean; reason?: string };
    if (answer.available) return { device: name, available: true };
    return { device: name, available: false, reason: (answer.reason ?? "no reason given").split("\n")[0]! };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { device: name, available: false, reason: `it crashed while it was tried: ${said.split("\n")[0]}` };
  }
}
