import { expect, test } from "vitest";
import { identityMatrix, matrix } from "../../linear-algebra/matrix.ts";
import { norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { plantedCut } from "./fixtures/planted-cut.ts";
import { inputEquations } from "./input-equations.ts";

const normal = (rows: number, cols: number, seed: string) => {
  const random = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.normal()),
  );
};

test("true inputs leave rounding, and others do not", async () => {
  const { layer, inputs } = plantedCut(rng("residual"));
  const equations = inputEquations(layer);
  expect(norm(await equations.residual(inputs))).toBeLessThan(1e-14);
  expect(norm(await equations.residual(normal(3, 7, "other")))).toBeGreaterThan(0.1);
});

test.each([undefined, [0, 3, 4, 11, 20]])("the Jacobian is that of finite differences, neurons %j", async (neurons) => {
  const { layer } = plantedCut(rng("differences"));
  const equations = inputEquations({ ...layer, ...(neurons && { neurons }) });
  const at = normal(3, 7, "point");
  const { turned, residual } = await equations.linearise(at, identityMatrix(7));
  expect(residual).toEqual(await equations.residual(at));
  const step = 1e-5;
  for (const unknown of [0, 5, 9, 20]) {
    const moved = async (by: number) => {
      const data = at.data.slice();
      data[unknown]! += by;
      return equations.residual(matrix(3, 7, data));
    };
    const [above, below] = [await moved(step), await moved(-step)];
    const row = turned.data.subarray(unknown * equations.equations, (unknown + 1) * equations.equations);
    const error = row.map((value, k) => value - (above[k]! - below[k]!) / (2 * step));
    expect(norm(error)).toBeLessThan(1e-8 * Math.max(1, norm(row)));
  }
});

test.each([undefined, [1, 2, 17]])("a product with the Jacobian and its adjoint agree, neurons %j", async (neurons) => {
  const { layer } = plantedCut(rng("adjoint"));
  const equations = inputEquations({ ...layer, ...(neurons && { neurons }) });
  const at = normal(3, 7, "point");
  const change = { inputs: normal(3, 7, "inputs"), preActivations: normal(3, 24, "pre-activations") };
  const vector = normal(1, equations.equations, "vector").data;
  const moved = await equations.along(at, change);
  const back = await equations.back(at, vector);
  const forward = moved.reduce((sum, value, k) => sum + value * vector[k]!, 0);
  const products = [back.inputs, change.inputs, back.preActivations, change.preActivations].map(({ data }) => data);
  const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  const backward = inner(products[0]!, products[1]!) + inner(products[2]!, products[3]!);
  expect(backward).toBeCloseTo(forward, 10);
  const { turned } = await equations.linearise(at, identityMatrix(7));
  const without = await equations.along(at, { inputs: change.inputs });
  const assembled = transposedMatrixVector(turned, change.inputs.data);
  expect(norm(assembled.map((value, k) => value - without[k]!))).toBeLessThan(1e-12 * norm(without));
});
