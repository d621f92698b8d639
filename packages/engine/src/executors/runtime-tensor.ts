import type { Tensor as RuntimeTensor, TensorConstructor } from "onnxruntime-node";
import { EngineError } from "../errors.ts";
import type { DType, NdArray, Precision, Tensor } from "../tensor.ts";

/** An array as the runtime takes it; the array's own memory where its type fits. */
export function toRuntimeTensor(
  Tensor: TensorConstructor,
  array: NdArray,
  dtype: DType,
  precision: Precision,
): RuntimeTensor {
  const { data, shape } = array;
  if (dtype === "int")
    return new Tensor(
      "int64",
      BigInt64Array.from(data, (value) => BigInt(value)),
      shape,
    );
  if (dtype === "bool")
    return new Tensor(
      "bool",
      Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)),
      shape,
    );
  return precision === "float32"
    ? new Tensor("float32", data instanceof Float32Array ? data : Float32Array.from(data), shape)
    : new Tensor("float64", data instanceof Float64Array ? data : Float64Array.from(data), shape);
}

/** What the runtime returned, as an array; integers and truth values (0 or 1) become Int32Array. */
export async function readOutput(result: RuntimeTensor, node: Tensor): Promise<NdArray> {
  const data = await result.getData();
  if (data instanceof Float32Array || data instanceof Float64Array) return { shape: node.shape, data };
  if (data instanceof BigInt64Array) return { shape: node.shape, data: Int32Array.from(data, Number) };
  if (data instanceof Uint8Array) return { shape: node.shape, data: Int32Array.from(data) };
  throw new EngineError("runtime", `ONNX Runtime returned ${result.type}, which the engine does not use.`);
}
