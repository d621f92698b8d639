import { reshape } from "../../ops/shape.ts";
import type { Shape, Tensor } from "../../tensor.ts";

/**
 * x in another shape, or, where x is itself a reshaped tensor of that shape, that tensor.
 *
 * TensorFlow.js puts an axis in front of matrices and takes it away again; without this, layers would not be recognised behind it.
 */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  const source = x.op.name === "reshape" ? x.inputs[0]! : x;
  return source.shape.join() === shape.join() ? source : reshape(x, shape);
}
