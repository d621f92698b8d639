import type { DType, NdArray, Tensor } from "../tensor.ts";
import type { Tfjs, TfjsTensor } from "./tfjs.ts";

/** The types of TensorFlow.js that stand for the engine's. */
export const tfjsTypes: Readonly<Record<DType, "float32" | "int32" | "bool">> = {
  float: "float32",
  int: "int32",
  bool: "bool",
};

/** Numbers as a tensor of the shape and type of a node. The numbers are copied: some backends would hold on to the caller's array. */
export function toTfjsTensor(tf: Tfjs, { dtype, shape }: Tensor, data: ArrayLike<number>): TfjsTensor {
  const numbers =
    dtype === "float"
      ? Float32Array.from(data)
      : dtype === "int"
        ? Int32Array.from(data)
        : Uint8Array.from(data, (value) => (value === 0 ? 0 : 1));
  return tf.tensor(numbers, [...shape], tfjsTypes[dtype]);
}

/** The numbers of a tensor in an array of their own: Float32Array, or Int32Array for integers and truth values. */
export async function readArray(tensor: TfjsTensor, { shape, dtype }: Tensor): Promise<NdArray> {
  const data = await tensor.data();
  return { shape, data: dtype === "float" ? Float32Array.from(data) : Int32Array.from(data) };
}
