export { availableDevices, type DeviceReport } from "./available-devices.ts";
export { loadRuntime, silenceRuntime } from "./load-runtime.ts";
export { type OnnxRuntimeOptions, onnxruntime } from "./onnxruntime.ts";
