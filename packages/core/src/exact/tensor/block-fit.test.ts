import { expect, test } from "vitest";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { rng } from "../../random.ts";
import { type BlockEquations, blockFit } from "./block-fit.ts";

const normals = (rows: number, cols: number, name: string): Matrix => {
  const r = rng(name);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => r.normal()),
  );
};

const [size, width, outputs, neurons] = [3, 4, 2, 7];
const equations: BlockEquations = {
  weights: normals(neurons, width, "u"),
  gradient: normals(neurons, width, "h"),
  outer: normals(outputs, neurons, "a"),
  outerGradient: normals(outputs, neurons, "da"),
  activation: async (z) => [z.map(Math.sin), z.map(Math.cos), z.map((x) => -Math.sin(x))],
};
const weight = { gradient: 0.7, outer: 1.3 };
const at = normals(1, size * (width + outputs), "x").data;

/** All residuals by the formulas, one at a time. */
function residuals(x: Float64Array): Float64Array {
  const { weights: u, gradient: h, outer: a, outerGradient: da } = equations;
  const list: number[] = [];
  const c = (i: number, k: number): number => x[i * width + k]!;
  const r = (i: number, o: number): number => x[size * width + i * outputs + o]!;
  for (let j = 0; j < neurons; j++) {
    const z = (i: number): number =>
      Array.from({ length: width }, (_, k) => u.data[j * width + k]! * c(i, k)).reduce((p, q) => p + q);
    for (let k = 0; k < width; k++) {
      let model = 0;
      for (let i = 0; i < size; i++) {
        let error = 0;
        for (let o = 0; o < outputs; o++) error += a.data[o * neurons + j]! * r(i, o);
        model += error * Math.cos(z(i)) * c(i, k);
      }
      list.push(weight.gradient * (model - h.data[j * width + k]!));
    }
    for (let o = 0; o < outputs; o++) {
      let model = 0;
      for (let i = 0; i < size; i++) model += r(i, o) * Math.sin(z(i));
      list.push(weight.outer * (model - da!.data[o * neurons + j]!));
    }
  }
  return Float64Array.from(list);
}

test("cost, Jᵀr and JᵀJ are those of the residuals written out, by central differences", async () => {
  const fit = blockFit(equations, plainProduct, weight);
  const { cost, gradient, normal } = await fit.linearise(at);
  const here = residuals(at);
  expect(cost).toBeCloseTo(
    here.reduce((sum, value) => sum + value * value, 0),
    10,
  );
  expect(await fit.cost(at)).toBeCloseTo(cost, 10);
  const step = 1e-5;
  const jacobian = matrix(here.length, at.length);
  for (let k = 0; k < at.length; k++) {
    const shifted = (sign: number): Float64Array =>
      residuals(at.map((value, i) => (i === k ? value + sign * step : value)));
    const [right, left] = [shifted(1), shifted(-1)];
    for (let i = 0; i < here.length; i++) jacobian.data[i * at.length + k] = (right[i]! - left[i]!) / (2 * step);
  }
  const expected = multiply(jacobian, jacobian, { transposeA: true });
  const pulled = multiply(jacobian, matrix(here.length, 1, here), { transposeA: true });
  for (let i = 0; i < at.length; i++) expect(gradient[i]!).toBeCloseTo(pulled.data[i]!, 7);
  for (let i = 0; i < normal.data.length; i++) expect(normal.data[i]!).toBeCloseTo(expected.data[i]!, 7);
});
