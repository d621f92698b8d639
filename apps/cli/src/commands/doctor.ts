import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { availableDevices, type DeviceReport } from "@recon/engine";
import { availableBackends } from "@recon/engine/tfjs";
import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { installedPackages, type PiecePackage } from "../installed-packages.ts";
import type { Terminal } from "../terminal.ts";
import { ownVersion, runtimeVersion } from "../versions.ts";

/** What works, or else why not and how to get it. */
type AdvisedReport = DeviceReport & { readonly advice?: string };

/** What a machine has and which devices run programs on it. */
interface Diagnosis {
  readonly recon: string;
  readonly node: { readonly version: string; readonly supported: boolean };
  readonly platform: string;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly memoryGib: { readonly total: number; readonly free: number };
  readonly runtime: string | null;
  readonly devices: readonly AdvisedReport[];
  /** Packages of TensorFlow.js that the engine's second executor can run on. */
  readonly backends: readonly AdvisedReport[];
  /** Whether ONNX Runtime is kept from reporting to its maker. */
  readonly runtimeReports: "off" | "left to the system";
  readonly packages: readonly PiecePackage[];
}

/** `recon doctor`: what works on this machine, why the rest does not, and how to get it. */
export function doctorCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("doctor")
    .description("say what works on this machine, why the rest does not, and how to get it")
    .option("--json", "as one JSON object")
    .option("--debug", "show the stack trace of an error")
    .action(async (options: { readonly json?: boolean }) => {
      const found = await diagnose(terminal.cwd);
      if (options.json) terminal.out(JSON.stringify(found));
      else for (const line of diagnosisWords(found)) terminal.out(line);
      const healthy = found.node.supported && found.devices.some(({ available }) => available);
      done(healthy ? exitCodes.ok : exitCodes.failed);
    });
}

/** The package leaves these files out for their size; its install script, which this workspace keeps switched off, fetches them. */
const cudaFiles = "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node";

/** How to get a device that does not work here, by its name. */
const advice: Readonly<Record<string, string>> = {
  cuda: `needs Linux on x64, an NVIDIA driver, CUDA 12 with cuDNN 9, and the runtime's own CUDA files: ${cudaFiles}`,
  tensorrt: `needs what cuda needs, and TensorRT 10: ${cudaFiles}`,
  webgpu: "needs a graphics driver with Vulkan, Metal or Direct3D 12",
  coreml: "is on macOS only",
  dml: "is on Windows only",
  "@tensorflow/tfjs-node-gpu":
    "is optional: npm install @tensorflow/tfjs-node-gpu, with CUDA 11.2 and cuDNN 8.1 (the TensorFlow 2.9 it is built on)",
};

function advised(report: DeviceReport): AdvisedReport {
  const how = report.available ? undefined : advice[report.device];
  return how === undefined ? report : { ...report, advice: how };
}

async function diagnose(cwd: string): Promise<Diagnosis> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const gib = (bytes: number): number => Math.round((bytes / 2 ** 30) * 10) / 10;
  const devices = await availableDevices();
  return {
    recon: ownVersion(),
    node: { version: process.versions.node, supported: major > 20 || (major === 20 && minor >= 19) },
    platform: `${process.platform} ${process.arch}`,
    cpu: { model: cpus()[0]?.model ?? "unknown", cores: availableParallelism() },
    memoryGib: { total: gib(totalmem()), free: gib(freemem()) },
    runtime: runtimeVersion() ?? null,
    devices: devices.map(advised),
    backends: (await availableBackends(cwd)).map(advised),
    // On Windows its events go to the system's own log.
    runtimeReports: process.platform === "win32" ? "left to the system" : "off",
    packages: installedPackages(join(cwd, "noop.js")),
  };
}

function diagnosisWords(found: Diagnosis): readonly string[] {
  const mark = (fine: boolean): string => (fine ? "ok" : "--");
  const words = (reports: readonly AdvisedReport[]): readonly string[] =>
    reports.flatMap(({ device, available, reason, advice: how }) => [
      `${mark(available)}  ${device}${available ? ": ran a small program" : `: ${reason ?? "does not work here"}`}`,
      ...(how === undefined ? [] : [`      ${device} ${how}`]),
    ]);
  return [
    `recon ${found.recon}`,
    `${mark(found.node.supported)}  Node ${found.node.version}${found.node.supported ? "" : ": 20.19 or later is needed"}`,
    `    ${found.platform}, ${found.cpu.cores} cores (${found.cpu.model}), ${found.memoryGib.total} GiB of memory, ${found.memoryGib.free} free`,
    "",
    `Devices of ONNX Runtime ${found.runtime ?? "(not installed)"}, for --device:`,
    ...words(found.devices),
    `    its reports to its maker: ${found.runtimeReports}`,
    "",
    "TensorFlow.js, for the executor of @recon/engine/tfjs:",
    ...words(found.backends),
    "",
    "Packages, seen from here:",
    ...found.packages.flatMap(packageWords),
  ];
}

/** A package, what is there of the optional packages that it names, and how to get the others. */
function packageWords({ name, version, optional }: PiecePackage): readonly string[] {
  if (version === null) return [`--  ${name}: npm install ${name}`];
  const there = optional.filter((one) => one.version !== null).map((one) => `${one.name} ${one.version}`);
  const missing = optional.filter((one) => one.version === null);
  return [
    `ok  ${name} ${version}`,
    ...(there.length === 0 ? [] : [`      with ${there.join(", ")}`]),
    ...missing.map((one) => `      without ${one.name}: ${one.install}`),
  ];
}
