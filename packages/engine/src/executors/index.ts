export { availableDevices, type DeviceReport } from "./available-devices.ts";
export { type OnnxRuntimeOptions, onnxruntime } from "./onnxruntime.ts";
