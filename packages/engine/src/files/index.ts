export { type ImportedModel, type ImportOnnxOptions, importOnnx } from "./import-onnx.ts";
