import { isMainThread } from "node:worker_threads";
import { EngineError } from "../errors.ts";

/** What ONNX Runtime reads once, when its library is loaded: with it no sender, no device number and no file of events is made. */
const silence = "ORT_DISABLE_TELEMETRY";

/**
 * ONNX Runtime, which from 1.29 on tells its maker of every model it opens unless it is told not to before it is loaded.
 * An audit tells nobody.
 *
 * @throws EngineError `runtime` in a worker thread whose process was not silenced: there the environment is a copy that the library does not see.
 */
export async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  silenceRuntime();
  return await import("onnxruntime-node");
}

/** Keeps ONNX Runtime from reporting to its maker, whoever loads it; before it is loaded. See {@link loadRuntime}. */
export function silenceRuntime(): void {
  if (process.env[silence] === "1") return;
  // On Windows the runtime does not read it: its events go to the system's log, by the system's settings.
  if (!isMainThread && process.platform !== "win32")
    throw new EngineError(
      "runtime",
      `ONNX Runtime would report to its maker, and a worker thread cannot stop it: call silenceRuntime() of @recon/engine in the main thread before the worker starts, or start the process with ${silence}=1.`,
    );
  process.env[silence] = "1";
}
