import { expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { norm } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { squaredErrorHead } from "./squared-error-head.ts";

const normals = (rows: number, cols: number, seed: string): Matrix => {
  const random = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.normal()),
  );
};
const distance = (a: Float64Array, b: ArrayLike<number>): number => norm(a.map((value, i) => value - b[i]!));

/** ℓ = red_i red_t (ŷ_it − y_it)². */
function drawn(samples: number, outputs: number, features: number, scale: number) {
  const weight = normals(outputs, features, "w");
  const bias = normals(1, outputs, "b").data;
  const h = normals(samples, features, "h");
  const y = normals(samples, outputs, "y");
  const residuals = multiply(h, weight, { transposeB: true });
  residuals.data.forEach((value, at) => {
    residuals.data[at] = value + bias[at % outputs]! - y.data[at]!;
  });
  const errors = matrix(
    samples,
    outputs,
    residuals.data.map((value) => 2 * scale * value),
  );
  const weightGradient = multiply(errors, h, { transposeA: true });
  const biasGradient = multiply(matrix(1, samples, new Float64Array(samples).fill(1)), errors).data;
  return { head: { weight, bias, weightGradient, biasGradient }, h, y, residuals };
}

it("gives one sample's head input and target to rounding, told or established by the rank", async () => {
  const { head, h, y } = drawn(1, 6, 20, 1 / 6);
  for (const batchSize of [1, undefined]) {
    const { value, residual } = await squaredErrorHead(head, {
      precision: "float64",
      ...(batchSize !== undefined && { batchSize }),
    });
    expect(residual).toBeLessThan(1e-14);
    expect(distance(value!.sample!.features, h.data)).toBeLessThan(1e-13);
    expect(distance(value!.sample!.target, y.data)).toBeLessThan(1e-12);
  }
  const summed = drawn(1, 6, 20, 1);
  const { value } = await squaredErrorHead(summed.head, { precision: "float64", batchSize: 1, outputs: "sum" });
  expect(distance(value!.sample!.target, summed.y.data)).toBeLessThan(1e-12);
});

it("gives several samples' summed residuals and claims no sample", async () => {
  const { head, residuals } = drawn(3, 6, 20, 1 / 18);
  const { value, reason } = await squaredErrorHead(head, { precision: "float64", batchSize: 3 });
  const sum = Array.from(
    { length: 6 },
    (_, t) => residuals.data[t]! + residuals.data[6 + t]! + residuals.data[12 + t]!,
  );
  expect(value!.rank).toBe(3);
  expect(distance(value!.residualSum!, sum)).toBeLessThan(1e-12);
  expect(value!.sample).toBeUndefined();
  expect(reason).toMatch(/single samples are not/);
  const unknown = await squaredErrorHead(head, { precision: "float64" });
  expect(unknown.value!.residualSum).toBeUndefined();
});

it("does not take two samples of a scalar head for one", async () => {
  const { head } = drawn(2, 1, 5, 1 / 2);
  const { value, reason } = await squaredErrorHead(head, { precision: "float64" });
  expect(value!.sample).toBeUndefined();
  expect(reason).toMatch(/as high as it could be/);
});
