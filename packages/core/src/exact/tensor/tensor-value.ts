import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { joined } from "./polish.ts";
import type { BlockInSpan, TensorValue } from "./tensor-block.ts";

/** Coordinates as inputs: x = V c, divided by the bias coordinate where there is one, or brought to the told length where nothing else says it. */
export function tensorValue(
  inSpan: BlockInSpan,
  start: Matrix,
  point: Float64Array,
  inputLength: number | undefined,
): TensorValue {
  const { span, shape, biased, equations, weight } = inSpan;
  const width = weight.cols - (biased ? 1 : 0);
  const size = span.rank;
  const lengthOpen = shape.homogeneous && !biased;
  const coordinates = matrix(size, size, point.slice(0, size * size));
  const cotangents = matrix(size, equations.outer.rows, point.slice(size * size));
  const full = multiply(coordinates, span.basis, { transposeB: true });
  for (let i = 0; i < size; i++) {
    const row = full.data.subarray(i * full.cols, (i + 1) * full.cols);
    // Scaling a sample and its cotangent against each other is free only where the activation allows it: by −1 for even slopes, by any c > 0 for homogeneous ones.
    let factor = 1;
    if (biased && shape.homogeneous) factor = 1 / Math.abs(row.at(-1)!);
    if (biased && shape.evenSlope) factor = Math.sign(row.at(-1)!);
    if (lengthOpen && inputLength !== undefined) factor = inputLength / norm(row);
    for (let k = 0; k < row.length; k++) row[k]! *= factor;
    for (let k = 0; k < size; k++) coordinates.data[i * size + k]! *= factor;
    for (let k = 0; k < cotangents.cols; k++) cotangents.data[i * cotangents.cols + k]! /= factor;
  }
  return {
    inputs: withoutBias(full, width),
    cotangents,
    start: withoutBias(multiply(start, span.basis, { transposeB: true }), width),
    inSpan,
    point: joined(coordinates, cotangents),
    signOpen: shape.evenSlope && !biased,
    lengthOpen: lengthOpen && inputLength === undefined,
    lengthTold: lengthOpen && inputLength !== undefined,
  };
}

function withoutBias(rows: Matrix, width: number): Matrix {
  return matrix(
    rows.rows,
    width,
    Float64Array.from({ length: rows.rows * width }, (_, at) => {
      const i = Math.floor(at / width);
      return rows.data[i * rows.cols + (at % width)]!;
    }),
  );
}
