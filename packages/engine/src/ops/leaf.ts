import { EngineError } from "../errors.ts";
import { type DType, type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";

const inputOp: Op = {
  name: "input",
  vjp: () => [],
  jvp: () => null,
  evaluate: (node) => {
    throw new EngineError("free-input", `Input "${node.attributes.name}" has no value.`);
  },
  lower: (node) => {
    throw new EngineError("free-input", `Input "${node.attributes.name}" must be bound by the program.`);
  },
};

const constantOp: Op = {
  name: "constant",
  vjp: () => [],
  jvp: () => null,
  evaluate: (node) => node.attributes.value as Float64Array,
  lower: (node, _inputs, emit) => {
    const values = node.attributes.value as Float64Array;
    if (node.dtype === "int") return emit.ints(Array.from(values), node.shape);
    const float = emit.float(values, node.shape);
    return node.dtype === "bool" ? emit.cast(float, "bool") : float;
  },
};

/** A value that is passed in when the program runs. */
export function input(name: string, shape: Shape, dtype: DType = "float"): Tensor {
  return { op: inputOp, inputs: [], attributes: { name }, shape, dtype };
}

/** Fixed numbers in row-major order. @throws EngineError `shape` when there are not ∏ shape of them. */
export function constant(values: ArrayLike<number>, shape: Shape, dtype: DType = "float"): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new EngineError("shape", `constant: ${values.length} numbers do not fill shape [${shape.join(", ")}].`);
  }
  return { op: constantOp, inputs: [], attributes: { value: Float64Array.from(values) }, shape, dtype };
}

/** A single number, shape []. */
export function scalar(value: number): Tensor {
  return constant([value], []);
}

/** The number a constant scalar or uniform constant holds, or undefined. */
export function uniformValue(node: Tensor): number | undefined {
  if (node.op.name === "broadcastTo") return uniformValue(node.inputs[0]!);
  if (node.op.name !== "constant") return undefined;
  const values = node.attributes.value as Float64Array;
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : undefined;
}
