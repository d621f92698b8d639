import fc from "fast-check";
import { expect, test } from "vitest";
import type { OpCase, OpCases } from "./fixtures/op-case.ts";
import { elementwiseCases } from "./fixtures/op-cases/elementwise.ts";
import { indexingCases } from "./fixtures/op-cases/indexing.ts";
import { layerCases } from "./fixtures/op-cases/layers.ts";
import { movementCases } from "./fixtures/op-cases/movement.ts";
import { productCases } from "./fixtures/op-cases/products.ts";
import { specialCases } from "./fixtures/op-cases/special.ts";
import { grad } from "./grad.ts";
import { graph } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { jvp } from "./jvp.ts";
import { dot } from "./ops/arithmetic.ts";
import { input } from "./ops/leaf.ts";
import { gru } from "./ops/recurrent.ts";
import { type NdArray, sizeOf, type Tensor } from "./tensor.ts";
import { vmap } from "./vmap.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const numRuns = Number(process.env.RECON_OP_CASES ?? 12);

const cases: OpCases = {
  ...elementwiseCases,
  ...indexingCases,
  ...layerCases,
  ...movementCases,
  ...productCases,
  ...specialCases,
};

/** Numbers away from zero, where some ops jump. */
function drawn(shape: readonly number[], from: number, positive = false): NdArray {
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const value = Math.sin(12.9898 * (i + 1) + 78.233 * from);
    return positive ? 0.2 + Math.abs(value) : value + Math.sign(value) * 0.1;
  });
  return { shape, data };
}

const rowOf = ({ shape, data }: NdArray, k: number): NdArray => {
  const size = sizeOf(shape.slice(1));
  return { shape: shape.slice(1), data: data.slice(k * size, (k + 1) * size) };
};

const count = 3;

/** The mapped graph against one evaluation a value, with operands whose bit is set mapped. */
function expectRows(outputs: readonly Tensor[], inputs: readonly Tensor[], positive: boolean, bits: number): void {
  const name = (x: Tensor): string => x.attributes.name as string;
  const differ = inputs.filter((_, i) => (bits >> i) & 1);
  const held = inputs.filter((x) => !differ.includes(x));
  const all = differ.map((x) => input(`all ${name(x)}`, [count, ...x.shape]));
  const values = Object.fromEntries(differ.map((x, i) => [name(x), drawn([count, ...x.shape], i, positive)]));
  const fixed = Object.fromEntries(held.map((x, i) => [name(x), drawn(x.shape, 100 + i, positive)]));
  const named = (nodes: readonly Tensor[]) => Object.fromEntries(nodes.map((node) => [name(node), node]));
  const numbered = (nodes: readonly Tensor[]) => Object.fromEntries(nodes.map((node, i) => [`y${i}`, node]));
  const single = graph(named(inputs), numbered(outputs));
  const mapped = graph(named([...held, ...all]), numbered(vmap(outputs, differ, all)));
  const feeds = Object.fromEntries(Object.entries(values).map(([key, value]) => [`all ${key}`, value]));
  const got = interpret(mapped, { ...fixed, ...feeds });
  for (let k = 0; k < count; k++) {
    const own = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, rowOf(value, k)]));
    for (const [key, wanted] of Object.entries(interpret(single, { ...fixed, ...own }))) {
      const row = rowOf(got[key]!, k);
      expect(row.shape).toEqual(wanted.shape);
      wanted.data.forEach((value, i) => {
        expect(Math.abs(row.data[i]! - value)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(value)));
      });
    }
  }
}

function operandsOf({ shapes }: OpCase): Tensor[] {
  return shapes.map((shape, i) => input(`x${i}`, shape));
}

test.each(Object.entries(cases))("%s is mapped as it is computed one by one", (_name, drawnCase) => {
  fc.assert(
    fc.property(drawnCase, fc.integer({ min: 1, max: 7 }), (one, bits) => {
      const inputs = operandsOf(one);
      const some = bits % 2 ** inputs.length === 0 ? 1 : bits;
      expectRows([one.apply(...inputs)], inputs, one.positive === true, some);
    }),
    { seed, numRuns },
  );
});

test.each(Object.entries(cases))("gradients of %s are mapped as they are computed one by one", (_name, drawnCase) => {
  fc.assert(
    fc.property(drawnCase, fc.integer({ min: 1, max: 7 }), (one, bits) => {
      const inputs = operandsOf(one);
      const y = one.apply(...inputs);
      const some = bits % 2 ** inputs.length === 0 ? 1 : bits;
      expectRows(grad(dot(y, y), inputs), inputs, one.positive === true, some);
    }),
    { seed, numRuns: Math.ceil(numRuns / 3) },
  );
});

test("columns of a Jacobian through a recurrent cell are those of one product each", () => {
  const [T, H] = [4, 3];
  const weights = { input: input("w", [3 * H, 1]), hidden: input("u", [3 * H, H]), inputBias: input("b", [3 * H]) };
  const x = input("x", [1, T, 1]);
  const direction = input("v", [1, T, 1]);
  const { last } = gru(x, weights);
  const gradients = grad(dot(last, last), Object.values(weights));
  const columns = jvp(gradients, [x], [direction]);
  expectRows(columns, [direction, x, ...Object.values(weights)], false, 1);
  expectRows(columns, [direction, x, ...Object.values(weights)], false, 3);
});

test("an output that does not depend on what is mapped is repeated", () => {
  const [a, b] = [input("a", [2]), input("b", [2])];
  expectRows([dot(b, b), dot(a, b)], [a, b], false, 1);
});

test("values that do not fit are refused", () => {
  const a = input("a", [2]);
  expect(() => vmap([a], [a], [input("all", [3, 1])])).toThrow(/values 0 must have shape \[3, 2\]/);
});
