import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpCase, OpCases } from "../fixtures/op-case.ts";
import { elementwiseCases } from "../fixtures/op-cases/elementwise.ts";
import { indexingCases } from "../fixtures/op-cases/indexing.ts";
import { layerCases } from "../fixtures/op-cases/layers.ts";
import { movementCases } from "../fixtures/op-cases/movement.ts";
import { productCases } from "../fixtures/op-cases/products.ts";
import { specialCases } from "../fixtures/op-cases/special.ts";
import { grad, vjp } from "../grad.ts";
import { graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { jvp } from "../jvp.ts";
import { type Arrays, type NdArray, sizeOf, type Tensor } from "../tensor.ts";
import { add, dot } from "./arithmetic.ts";
import { input } from "./leaf.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const cases = Number(process.env.RECON_OP_CASES ?? 30);
const timeout = Math.max(30_000, 2000 * cases);

const families: Readonly<Record<string, OpCases>> = {
  elementwise: elementwiseCases,
  movement: movementCases,
  products: productCases,
  special: specialCases,
  indexing: indexingCases,
  layers: layerCases,
};

/**
 * Numbers with sizes in [.2, 1.2], no two of which are close: no kink is within the reach of a central difference, and neither is a tie between two of them.
 */
function drawValues(size: number, positive: boolean, next: () => number): Float64Array {
  const places = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return Float64Array.from(
    places,
    (place) => (positive || next() < 0.5 ? 1 : -1) * (0.2 + (place + 0.5 * next()) / size),
  );
}

function generator(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
}

const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** The central difference of a scalar output in every element of one input. */
function difference(inputs: Record<string, Tensor>, scalarOutput: Tensor, name: string, values: Arrays): Float64Array {
  const f = graph(inputs, { y: scalarOutput });
  const h = 1e-5;
  const base = values[name]!;
  return Float64Array.from(base.data, (_, i) => {
    const at = (d: number): number => {
      const data = Float64Array.from(base.data);
      data[i]! += d;
      return interpret(f, { ...values, [name]: { shape: base.shape, data } }).y!.data[0]!;
    };
    return (at(h) - at(-h)) / (2 * h);
  });
}

const named = (prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((tensor, i) => [`${prefix}${i}`, tensor]));

/** First and second derivatives by every combination of forward and reverse, against differences and against each other. */
function check({ shapes, apply, positive }: OpCase, valueSeed: number): void {
  const next = generator(valueSeed);
  const operands = shapes.map((s, i) => input(`x${i}`, s));
  const y = apply(...operands);
  const c = input("c", y.shape);
  const probes = shapes.map((s, i) => input(`v${i}`, s));
  const variables = [...operands, c];
  const directions = variables.map((node, i) => input(`w${i}`, node.shape));
  const inputs = { ...named("x", operands), c, ...named("v", probes) };
  const everything = { ...inputs, ...named("w", directions) };
  const values: Record<string, NdArray> = Object.fromEntries(
    Object.entries(everything).map(([name, node]) => [
      name,
      {
        shape: node.shape,
        data: drawValues(sizeOf(node.shape), name.startsWith("x") && positive === true, next),
      },
    ]),
  );

  // ⟨Jᵀc, v⟩ and ⟨c, Jv⟩ are the same function of x and c, built by reverse and by forward differentiation.
  const gradients = vjp([y], [c], operands);
  const reverse = total(gradients.map((g, i) => dot(probes[i]!, g)));
  const forward = dot(c, jvp([y], operands, probes)[0]!);
  const along = (output: Tensor): Tensor => jvp([output], variables, directions)[0]!;
  const contracted = (tensors: readonly Tensor[]): Tensor => total(tensors.map((g, i) => dot(directions[i]!, g)));
  const second = grad(reverse, variables);
  const result = interpret(
    graph(everything, {
      ...named("gradient", gradients),
      reverse,
      forward,
      ...named("second", second),
      ...named("secondForward", grad(forward, variables)),
      contracted: contracted(second),
      forwardOfReverse: along(reverse),
      forwardOfForward: along(forward),
    }),
    values,
  );
  const data = (name: string): Float64Array => result[name]!.data;
  const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number, about: string): void => {
    const error = norm(Array.from(expected, (value, i) => value - actual[i]!));
    expect(error, about).toBeLessThan(scale * Math.max(norm(expected), 1e-2));
  };

  const product = dot(c, y);
  operands.forEach((_, i) => {
    const numeric = difference(everything, product, `x${i}`, values);
    expectClose(data(`gradient${i}`), numeric, 1e-6, `first derivative in operand ${i}`);
  });
  expectClose(data("forward"), data("reverse"), 1e-9, "⟨c, J v⟩ = ⟨Jᵀ c, v⟩");
  variables.forEach((variable, i) => {
    const name = variable === c ? "c" : `x${i}`;
    const numeric = difference(everything, reverse, name, values);
    expectClose(data(`second${i}`), numeric, 1e-6, `second derivative in ${name}`);
    expectClose(data(`secondForward${i}`), data(`second${i}`), 1e-9, `reverse over forward in ${name}`);
  });
  expectClose(data("forwardOfReverse"), data("contracted"), 1e-9, "forward over reverse");
  expectClose(data("forwardOfForward"), data("contracted"), 1e-9, "forward over forward");
}

const replay = `RECON_TEST_SEED=${seed}`;

for (const [family, table] of Object.entries(families)) {
  describe(`derivatives of ${family} ops against central differences (${replay})`, () => {
    for (const [name, arbitrary] of Object.entries(table)) {
      test(
        name,
        () => {
          fc.assert(
            fc.property(arbitrary, fc.nat(), (drawn, valueSeed) => {
              if (drawn.jumps === true) checkZero(drawn, valueSeed);
              else check(drawn, valueSeed);
            }),
            { numRuns: cases, seed },
          );
        },
        timeout,
      );
    }
  });
}

/** Where an op jumps, both derivatives are zero by rule. */
function checkZero({ shapes, apply }: OpCase, valueSeed: number): void {
  const next = generator(valueSeed);
  const operands = shapes.map((s, i) => input(`x${i}`, s));
  const y = apply(...operands);
  const c = input("c", y.shape);
  const inputs = { ...named("x", operands), c };
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, { shape, data: drawValues(sizeOf(shape), false, next) }]),
  );
  const outputs = { forward: jvp([y], operands, operands)[0]!, ...named("reverse", vjp([y], [c], operands)) };
  for (const { data } of Object.values(interpret(graph(inputs, outputs), values))) expect(norm(data)).toBe(0);
}

test("every op that the cases reach has a rule for tangents of its own", () => {
  const without = new Set<string>();
  for (const table of Object.values(families)) {
    for (const arbitrary of Object.values(table)) {
      for (const { shapes, apply } of fc.sample(arbitrary, { numRuns: 5, seed })) {
        const y = apply(...shapes.map((s, i) => input(`x${i}`, s)));
        for (const { op } of nodesOf({ inputs: {}, outputs: { y } })) if (op.jvp === undefined) without.add(op.name);
      }
    }
  }
  expect([...without]).toEqual([]);
});
