import { describe, expect, it } from "vitest";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { sparseVector, transposedSparseVector } from "../../linear-algebra/sparse.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { meanDiagonal, normalSolver, type StackedEquations } from "./convolution-normal.ts";
import { convolutionSystem } from "./convolution-system.ts";

/** The equations of a drawn 5 x 5 convolution over 4 channels. */
function equations(out: number, stride: number, size: number, groups = 1): StackedEquations {
  const random = rng("normal equations");
  const side = Math.floor((size - 1) / stride) + 1;
  const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
  const weight = { shape: [out, 4 / groups, 5, 5], data: draw(out * (4 / groups) * 25) };
  const system = convolutionSystem({
    kind: "convolution",
    name: "drawn",
    weight,
    weightGradient: weight,
    activation: { name: "tanh" },
    inputShape: [4, size, size],
    outputShape: [out, side, side],
    strides: [stride, stride],
    pads: [2, 2, 2, 2],
    dilations: [1, 1],
    groups,
  });
  const weights = Float64Array.from({ length: out * side * side }, () => random.uniform());
  return { system, weights, gradients: system.gradients(draw(out * side * side)), scale: 0.7 };
}

function normalTimes({ system, weights, gradients, scale }: StackedEquations, x: Float64Array): Float64Array {
  const product = sparseVector(system.weights, x).map((value, i) => weights[i]! ** 2 * value);
  const result = transposedSparseVector(system.weights, product);
  const perGroup = system.channels / gradients.length;
  for (let c = 0; c < system.channels; c++) {
    const g = gradients[Math.floor(c / perGroup)]!;
    const from = c * system.inputs;
    const part = transposedSparseVector(g, sparseVector(g, x.subarray(from, from + system.inputs)));
    part.forEach((value, i) => {
      result[from + i]! += scale * value;
    });
  }
  return result;
}

describe("normalSolver", () => {
  it.each([
    ["in the space of few outputs", 6, 2, 8, 1],
    ["in the space of few outputs of two groups", 8, 2, 8, 2],
    // The kernel sees every fourth position through 4 of its taps only: 12 gradient equations for 16 of them.
    ["in the space of few outputs where the gradients leave a part open", 3, 2, 8, 1],
    ["whole where outputs are many", 6, 1, 6, 1],
  ] as const)("inverts the normal matrix, %s", async (_, out, stride, size, groups) => {
    const stacked = equations(out, stride, size, groups);
    const n = stacked.system.channels * stacked.system.inputs;
    const solver = (await normalSolver(stacked, plainProduct, undefined))!;
    const random = rng("right-hand side");
    const x = Float64Array.from({ length: n }, () => random.normal());
    const found = solver.solve(normalTimes(stacked, x));
    expect(norm(found.map((value, i) => value - x[i]!))).toBeLessThan(1e-4 * norm(x));
    expect(solver.rank).toBe(n);
    expect(solver.smallest).toBeGreaterThan(0);
    expect(solver.smallest).toBeLessThan(meanDiagonal(stacked));
  });

  it("claims no full rank for what is not determined", async () => {
    // 2 x 4 outputs and at most 2 x 25 gradient equations a channel, for 256 unknowns.
    const solver = await normalSolver(equations(2, 4, 8), plainProduct, undefined);
    expect(solver?.rank ?? 0).toBeLessThanOrEqual(8 + 4 * 50);
  });
});
