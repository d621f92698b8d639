import { EngineError } from "../../errors.ts";
import { input } from "../../ops/leaf.ts";
import { type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import type { FileValue } from "./model.ts";
import { listShape, quote } from "./quote.ts";
import { dtypeOf } from "./tensor-data.ts";

/** Extents above this cannot be indexed, whatever a file claims. */
const widest = 2 ** 31;

/** The shape of an input: what the file fixes, and what the caller says of the rest. */
function shapeOf(value: FileValue, given: Shape | undefined): Shape {
  const { name, shape } = value;
  const called = `Input ${quote(name)}`;
  if (shape === undefined && given === undefined) {
    throw new EngineError(
      "dynamic-shape",
      `${called} of the ONNX model has no shape. Pass it: shapes: { ${quote(name)}: [...] }.`,
    );
  }
  if (shape === undefined) return given!;
  const open = shape.findIndex((extent) => typeof extent === "string" || extent < 0);
  if (given === undefined && open >= 0) {
    const example = shape.map((extent) => (typeof extent === "number" && extent >= 0 ? extent : 1));
    throw new EngineError(
      "dynamic-shape",
      `${called} of the ONNX model has a dynamic extent ${quote(String(shape[open]))} at axis ${open} of ${listShape(shape)}. Programs have fixed shapes: pass them when importing, for instance shapes: { ${quote(name)}: ${listShape(example)} }, or export the model without dynamic_axes.`,
    );
  }
  if (given === undefined) return shape as Shape;
  const fits = given.length === shape.length && shape.every((e, i) => typeof e === "string" || e < 0 || e === given[i]);
  if (!fits) {
    throw new EngineError(
      "shape",
      `${called} was given shape ${listShape(given)}, but the ONNX model fixes ${listShape(shape)}. Export the model for the shape you want.`,
    );
  }
  return given;
}

/**
 * The inputs of a model as input nodes, in order.
 *
 * @param shapes what the caller says of shapes, by name.
 * @throws EngineError `dynamic-shape`, `shape`, `onnx-dtype` or `onnx-malformed`.
 */
export function inputNodes(values: readonly FileValue[], shapes: Readonly<Record<string, Shape>>): Map<string, Tensor> {
  const nodes = new Map<string, Tensor>();
  for (const value of values) {
    if (nodes.has(value.name))
      throw new EngineError("onnx-malformed", `The ONNX file has two inputs ${quote(value.name)}.`);
    const shape = shapeOf(value, Object.hasOwn(shapes, value.name) ? shapes[value.name] : undefined);
    const possible = shape.length <= 32 && shape.every((extent) => Number.isInteger(extent) && extent >= 0);
    if (!possible || sizeOf(shape) > widest) {
      throw new EngineError(
        "onnx-too-large",
        `Input ${quote(value.name)} of the ONNX model claims shape ${listShape(shape)}; 2³¹ elements are the limit.`,
      );
    }
    const dtype = dtypeOf(value.type, `Input ${quote(value.name)} of the ONNX model`);
    nodes.set(value.name, input(value.name, shape, dtype));
  }
  const unknown = Object.keys(shapes).find((name) => !nodes.has(name));
  if (unknown !== undefined) {
    throw new EngineError(
      "missing-input",
      `shapes names ${quote(unknown)}, which is no input of the ONNX model. Its inputs: ${[...nodes.keys()].slice(0, 20).map(quote).join(", ")}.`,
    );
  }
  return nodes;
}
