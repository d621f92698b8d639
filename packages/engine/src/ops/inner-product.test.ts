import { expect, test } from "vitest";
import { grad } from "../grad.ts";
import { graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, dot, mul } from "./arithmetic.ts";
import { innerProduct } from "./inner-product.ts";
import { input } from "./leaf.ts";
import { tanh } from "./unary.ts";

test("agrees with the sum of a product, in value and in first and second derivative", () => {
  const a = input("a", [2, 3]);
  const b = input("b", [2, 3]);
  const outputs = (product: typeof dot) => {
    const y = mul(product(tanh(a), b), product(a, a));
    const first = grad(y, [a])[0]!;
    return { y, first, second: grad(product(first, b), [a])[0]!, mixed: grad(add(product(first, first), y), [b])[0]! };
  };
  const values = {
    a: { shape: [2, 3], data: Float64Array.of(0.1, -0.4, 0.9, 1.2, -0.7, 0.3) },
    b: { shape: [2, 3], data: Float64Array.of(1.5, 0.2, -0.6, 0.8, 0.4, -1.1) },
  };
  const expected = interpret(graph({ a, b }, outputs(dot)), values);
  const actual = interpret(graph({ a, b }, outputs(innerProduct)), values);
  for (const [name, { data }] of Object.entries(expected)) {
    data.forEach((value, i) => {
      expect(actual[name]!.data[i]).toBeCloseTo(value, 12);
    });
  }
});
