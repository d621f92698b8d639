import { ReconError } from "@recon/core";
import { add, EngineError, graph, input, onnxruntime } from "@recon/engine";

/**
 * Loads a small program on a device, so that one that does not work here is refused before a run begins.
 *
 * Throws `device-unavailable` with the runtime's reason. The CPU always works and is not tried.
 */
export async function checkDevice(device: string): Promise<void> {
  if (device === "cpu") return;
  const executor = onnxruntime({ device });
  const x = input("x", [1]);
  try {
    await executor.compile(graph({ x }, { sum: add(x, x) }));
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause;
    const advice = "recon doctor lists the devices and how to get them";
    throw new ReconError(
      "device-unavailable",
      `The device "${device}" does not work here; ${advice}. ${cause.message}`,
      {
        cause,
      },
    );
  } finally {
    await executor.dispose();
  }
}
