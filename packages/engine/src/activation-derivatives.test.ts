import { expect, test } from "vitest";
import {
  activationDerivatives,
  add,
  elu,
  gelu,
  input,
  interpret,
  layersOf,
  leakyRelu,
  linear,
  mul,
  reshape,
  silu,
  sin,
  square,
  type Tensor,
  tanh,
} from "./index.ts";

const points = Float64Array.from({ length: 81 }, (_, i) => -4.02 + 0.1 * i);

/** A layer of four neurons whose rows come in two positions, so that reshapes lie around the activation. */
const layerWith = (s: (z: Tensor) => Tensor) =>
  layersOf(linear(s(linear(input("x", [2, 3, 5]), input("w", [4, 5]), input("b", [4]))), input("v", [2, 4])))[0]!;

const derivatives = (s: (z: Tensor) => Tensor, order: number, at: Float64Array): readonly Float64Array[] => {
  const found = activationDerivatives(layerWith(s), order, at.length)!;
  const values = interpret(found, { z: { shape: [at.length], data: at } });
  return Array.from({ length: order + 1 }, (_, k) => values[`d${k}`]!.data);
};

test("gives the derivatives of x² + x³, sin(z + 0.8) and tanh as calculus does", () => {
  const cases: readonly (readonly [(z: Tensor) => Tensor, readonly ((x: number) => number)[]])[] = [
    [
      (z) => add(square(z), mul(z, square(z))),
      [(x) => x ** 2 + x ** 3, (x) => 2 * x + 3 * x * x, (x) => 2 + 6 * x, () => 6],
    ],
    [(z) => sin(add(z, 0.8)), [(x) => Math.sin(x + 0.8), (x) => Math.cos(x + 0.8), (x) => -Math.sin(x + 0.8)]],
    [tanh, [Math.tanh, (x) => 1 - Math.tanh(x) ** 2, (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2)]],
  ];
  for (const [s, exact] of cases) {
    derivatives(s, exact.length - 1, points).forEach((values, k) => {
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(exact[k]!(points[i]!), 12);
    });
  }
});

test.each<readonly [string, (z: Tensor) => Tensor]>([
  ["GELU", gelu],
  ["SiLU", silu],
  ["SELU", (z) => mul(elu(z, 1.6732632423543772), 1.0507009873554805)],
  ["leaky ReLU", (z) => leakyRelu(z, 0.1)],
  ["a reshaped tanh", (z) => reshape(tanh(reshape(z, [-1])), z.shape)],
])("derivatives of %s agree with central differences", (_name, s) => {
  const h = 1e-5;
  const [at, slope, curvature] = derivatives(s, 2, points);
  const [right, rightSlope] = derivatives(
    s,
    1,
    points.map((x) => x + h),
  );
  const [left, leftSlope] = derivatives(
    s,
    1,
    points.map((x) => x - h),
  );
  expect(at!.length).toBe(points.length);
  points.forEach((_, i) => {
    expect(slope![i]!).toBeCloseTo((right![i]! - left![i]!) / (2 * h), 8);
    expect(curvature![i]!).toBeCloseTo((rightSlope![i]! - leftSlope![i]!) / (2 * h), 8);
  });
});

test("knows the identity, and says so where one layer has no single activation", () => {
  const [identity] = layersOf(linear(input("x", [2, 3]), input("w", [4, 3])));
  const found = activationDerivatives(identity!, 2, 3)!;
  const { d0, d1, d2 } = interpret(found, { z: { shape: [3], data: Float64Array.of(-1, 0, 2) } });
  expect([d0!, d1!, d2!].map(({ data }) => [...data])).toEqual([
    [-1, 0, 2],
    [1, 1, 1],
    [0, 0, 0],
  ]);
  const z = linear(input("x", [2, 3]), input("w", [4, 3]));
  const [doubled] = layersOf(add(tanh(z), mul(z, input("gate", [2, 4]))));
  expect(activationDerivatives(doubled!, 1, 3)).toBeUndefined();
});
