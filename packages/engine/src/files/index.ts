export { type ImportedModel, type ImportOnnxOptions, importOnnx } from "./import-onnx.ts";
export { readNpy, writeNpy } from "./npy.ts";
export { type ReadNpzOptions, readNpz, writeNpz } from "./npz.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
