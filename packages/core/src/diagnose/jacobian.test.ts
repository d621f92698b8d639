import { onnxruntime } from "@recon/engine";
import { expect, test } from "vitest";
import { innerProduct } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { drawBatch } from "../testing/draw.ts";
import { observeBatch } from "../testing/evaluate.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { denseJacobian, gramMatrix, gramProduct } from "./jacobian.ts";

const executor = onnxruntime({ threads: 1 });

/** Central differences of the observation, column by column. */
function differences(seed: number, model = referenceModel()) {
  const { problem } = plantCase(rng(seed), { model, batch: 2, known: { batchSize: 2 } });
  const point = drawBatch(model, 2, rng(seed).split("point"));
  const step = 1e-5;
  const flat = (shift: number, at: number): number[] => {
    const data = Float64Array.from(point.input.data);
    data[at]! += shift;
    const moved = { ...point, input: { ...point.input, data } };
    return Object.values(observeBatch(problem.operator, model, problem.params, moved)).flatMap((a) => [...a.data]);
  };
  const columns = Array.from(point.input.data, (_, at) => {
    const [above, below] = [flat(step, at), flat(-step, at)];
    return above.map((value, row) => (value - below[row]!) / (2 * step));
  });
  return { problem, point, columns };
}

test.each([
  ["more entries than unknowns, by columns", referenceModel()],
  ["fewer entries than unknowns, by rows", referenceModel({ inputs: 40, hidden: 1, classes: 2 })],
])("agrees with central differences: %s", async (_name, model) => {
  const { problem, point, columns } = differences(3, model);
  const jacobian = await denseJacobian(problem, executor, point);
  expect(jacobian.cols).toBe(columns.length);
  expect(jacobian.rows).toBe(columns[0]!.length);
  columns.forEach((column, at) => {
    column.forEach((value, row) => {
      expect(jacobian.data[row * jacobian.cols + at]).toBeCloseTo(value, 8);
    });
  });
});

test("columns of targets follow those of inputs", async () => {
  const { problem, point } = differences(4);
  const both = await denseJacobian(problem, executor, point, { unknowns: ["input", "target"] });
  const inputs = await denseJacobian(problem, executor, point);
  expect(both.cols).toBe(inputs.cols + point.target.data.length);
  for (let row = 0; row < inputs.rows; row++) {
    const width = inputs.cols;
    const own = inputs.data.subarray(row * width, (row + 1) * width);
    both.data.subarray(row * both.cols, row * both.cols + width).forEach((value, at) => {
      expect(value).toBeCloseTo(own[at]!, 12);
    });
  }
});

test("JᵀJ and its product are those of J", async () => {
  const { problem, point } = differences(5);
  const { rows, cols, data } = await denseJacobian(problem, executor, point);
  const column = (at: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => data[row * cols + at]!);
  const gram = await gramMatrix(problem, executor, point);
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < cols; j++) {
      expect(gram.data[i * cols + j]).toBeCloseTo(innerProduct(column(i), column(j)), 12);
    }
  }
  const product = await gramProduct(problem, executor, point, 1e9);
  const v = Float64Array.from({ length: cols }, (_, i) => Math.sin(i + 1));
  const result = await product!.multiply(v);
  result.forEach((value, i) => {
    expect(value).toBeCloseTo(innerProduct(gram.data.subarray(i * cols, (i + 1) * cols), v), 12);
  });
  expect(await gramProduct(problem, executor, point, product!.numbers - 1)).toBeUndefined();
});

test("an abort ends the columns", async () => {
  const { problem, point } = differences(6);
  await expect(denseJacobian(problem, executor, point, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
