import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grad } from "./grad.ts";
import { graph } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { add, div, dot, mul, neg, square, sub } from "./ops/arithmetic.ts";
import { avgPool } from "./ops/avg-pool.ts";
import { convolution } from "./ops/conv.ts";
import { constant, input } from "./ops/leaf.ts";
import { linear } from "./ops/matmul.ts";
import { reshape, sum } from "./ops/shape.ts";
import { logSoftmax } from "./ops/softmax.ts";
import { elu, sigmoid, softplus, sqrt, tanh } from "./ops/unary.ts";
import type { Arrays, Tensor, Tensors } from "./tensor.ts";

/** Values computed by another framework's double backward; they share no code with this project. */
interface Reference {
  readonly name: string;
  readonly about: string;
  readonly parameters: Record<string, Stored>;
  readonly input: Stored;
  readonly target: { readonly data: readonly number[] } | readonly number[];
  readonly gradient: Record<string, Stored>;
  readonly observed: Record<string, Stored>;
  readonly match: { readonly squared: number; readonly cosine: number };
  readonly match_gradient: { readonly squared: Stored; readonly cosine: Stored };
}
interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

const file = new URL("./fixtures/second-order.json", import.meta.url);
const references = (JSON.parse(readFileSync(file, "utf8")) as { cases: Reference[] }).cases;
const array = (stored: Stored) => ({ shape: stored.shape, data: Float64Array.from(stored.data) });
const arrays = (stored: Record<string, Stored>): Arrays =>
  Object.fromEntries(Object.entries(stored).map(([name, s]) => [name, array(s)]));

const flat = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, -1]);
const layer = (p: Tensors, i: number, x: Tensor): Tensor => linear(x, p[`${i}.weight`]!, p[`${i}.bias`]);
const kernel = (p: Tensors, i: number, x: Tensor, options: object): Tensor =>
  convolution(x, p[`${i}.weight`]!, p[`${i}.bias`], options);

/** The networks as their `about` describes them. */
const networks: Record<string, (p: Tensors, x: Tensor) => Tensor> = {
  "mlp-tanh": (p, x) => layer(p, 4, sigmoid(layer(p, 2, tanh(layer(p, 0, x))))),
  "mlp-softplus-elu": (p, x) => layer(p, 4, elu(layer(p, 2, softplus(layer(p, 0, x))), 1)),
  "conv-stride-sigmoid": (p, x) =>
    layer(p, 5, flat(sigmoid(kernel(p, 2, sigmoid(kernel(p, 0, x, { strides: 2, pads: 2 })), { pads: 1 })))),
  "conv-dilated-grouped": (p, x) =>
    layer(
      p,
      6,
      flat(
        tanh(
          kernel(p, 3, avgPool(tanh(kernel(p, 0, x, { pads: 2, dilations: 2, groups: 2 })), 2), {
            strides: 2,
            pads: 1,
          }),
        ),
      ),
    ),
};

export function meanCrossEntropy(logits: Tensor, classes: readonly number[]): Tensor {
  const [batch, width] = logits.shape as [number, number];
  const oneHot = new Float64Array(batch * width);
  classes.forEach((k, b) => {
    oneHot[b * width + k] = 1;
  });
  return mul(neg(dot(logSoftmax(logits), constant(oneHot, logits.shape))), 1 / batch);
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
};

describe("second-order gradients against another framework", () => {
  for (const [name, forward] of Object.entries(networks)) {
    const reference = references.find((candidate) => candidate.name === name)!;
    test(`${name}: ${reference.about}`, () => {
      const parameters = Object.fromEntries(
        Object.entries(reference.parameters).map(([n, s]) => [n, input(n, s.shape)]),
      );
      const observed = Object.fromEntries(
        Object.entries(reference.observed).map(([n, s]) => [n, input(`observed ${n}`, s.shape)]),
      );
      const x = input("x", reference.input.shape);
      const classes = Array.isArray(reference.target)
        ? reference.target
        : (reference.target as { data: number[] }).data;
      const loss = meanCrossEntropy(forward(parameters, x), classes);
      const names = Object.keys(reference.gradient);
      const gradient = grad(
        loss,
        names.map((n) => parameters[n]!),
      );
      const total = (terms: Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));
      const squared = mul(total(names.map((n, i) => sum(square(sub(gradient[i]!, observed[n]!))))), 0.5);
      const inner = total(names.map((n, i) => dot(gradient[i]!, observed[n]!)));
      const norms = sqrt(
        mul(total(gradient.map((g) => sum(square(g)))), total(names.map((n) => sum(square(observed[n]!))))),
      );
      const cosine = sub(1, div(inner, norms));
      const observedInputs = Object.fromEntries(Object.entries(observed).map(([n, t]) => [`observed ${n}`, t]));
      const outputs: Record<string, Tensor> = {
        squared,
        cosine,
        "d squared": grad(squared, [x])[0]!,
        "d cosine": grad(cosine, [x])[0]!,
        ...Object.fromEntries(names.map((n, i) => [`gradient ${n}`, gradient[i]!])),
      };
      const values: Arrays = {
        ...arrays(reference.parameters),
        ...Object.fromEntries(Object.entries(reference.observed).map(([n, s]) => [`observed ${n}`, array(s)])),
        x: array(reference.input),
      };
      const result = interpret(graph({ ...parameters, ...observedInputs, x }, outputs), values);
      for (const n of names)
        expect(distance(result[`gradient ${n}`]!.data, reference.gradient[n]!.data)).toBeLessThan(1e-8);
      expect(Math.abs(result.squared!.data[0]! / reference.match.squared - 1)).toBeLessThan(1e-8);
      expect(Math.abs(result.cosine!.data[0]! / reference.match.cosine - 1)).toBeLessThan(1e-8);
      expect(distance(result["d squared"]!.data, reference.match_gradient.squared.data)).toBeLessThan(1e-8);
      expect(distance(result["d cosine"]!.data, reference.match_gradient.cosine.data)).toBeLessThan(1e-8);
    });
  }
});
