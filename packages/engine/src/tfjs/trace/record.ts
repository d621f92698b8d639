import { EngineError } from "../../errors.ts";
import type { Tfjs } from "../tfjs.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { traceRules } from "./table.ts";

/** The first name of a backend that nobody has; traces inside traces each get their own. */
function freeName(tf: Tfjs): string {
  for (let n = 0; ; n++) {
    const name = `recon-trace-${n}`;
    if (!(name in tf.engine().registryFactory)) return name;
  }
}

/** What TensorFlow.js says when a backend lacks a kernel. */
const missingKernel = /(?:Kernel|kernel) '(\w+)' (?:not registered )?for backend '(recon-trace-\d+)'/;

function explain(error: unknown): unknown {
  const found = error instanceof Error ? missingKernel.exec(error.message) : null;
  if (found === null) return error;
  return new EngineError(
    "unsupported-op",
    `The TensorFlow.js kernel "${found[1]}" has no rule, so the function cannot be traced. Add one to src/tfjs/trace/ of @recon/engine, in the file of its family.`,
  );
}

/**
 * Runs `body` while a backend is active that records the engine's nodes instead of computing; afterwards, whatever happened, the backend that was
 * active before is active again and nothing of the trace is left.
 *
 * Nothing in here waits, so no other code can run between, and two traces cannot mix.
 *
 * @throws EngineError `backend-not-ready`, `unsupported-op`, and whatever the body throws.
 */
export function record<T>(tf: Tfjs, body: (recorder: Recorder) => T): T {
  const engine = tf.engine();
  const previous: string | null | undefined = engine.backendName;
  if (previous !== null && previous !== undefined && !(previous in engine.registry)) {
    throw new EngineError(
      "backend-not-ready",
      `The TensorFlow.js backend "${previous}" is still starting. Wait for tf.ready() before tracing.`,
    );
  }
  const name = freeName(tf);
  const recorder = createRecorder(tf);
  const kernels = Object.entries(traceRules);
  tf.registerBackend(name, () => recorder.backend, 0);
  for (const [kernelName, rule] of kernels) {
    tf.registerKernel({ kernelName, backendName: name, kernelFunc: recorder.kernel(kernelName, rule) });
  }
  let result: { readonly value: T } | undefined;
  try {
    // The promises of setBackend are already settled: both backends exist, and only starting one takes time.
    void tf.setBackend(name);
    tf.tidy(() => {
      result = { value: body(recorder) };
    });
  } catch (error) {
    throw explain(error);
  } finally {
    if (previous !== null && previous !== undefined) void tf.setBackend(previous);
    for (const [kernelName] of kernels) tf.unregisterKernel(kernelName, name);
    tf.removeBackend(name);
  }
  return result!.value;
}
