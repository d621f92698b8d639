import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { perceptron, smallConv, smallLeNet } from "../fixtures/networks.ts";
import type { OpCases } from "../fixtures/op-case.ts";
import { elementwiseCases } from "../fixtures/op-cases/elementwise.ts";
import { indexingCases } from "../fixtures/op-cases/indexing.ts";
import { layerCases } from "../fixtures/op-cases/layers.ts";
import { movementCases } from "../fixtures/op-cases/movement.ts";
import { productCases } from "../fixtures/op-cases/products.ts";
import { specialCases } from "../fixtures/op-cases/special.ts";
import { randomGraph, randomGraphValues } from "../fixtures/random-graph.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { lower } from "../onnx/lower.ts";
import { square } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { sum } from "../ops/shape.ts";
import { optimise } from "../passes/optimise.ts";
import { type Arrays, type Precision, sizeOf } from "../tensor.ts";
import { wave } from "./fixtures/build-model.ts";
import { distance } from "./fixtures/compare.ts";
import { importOnnx } from "./import-onnx.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const draws = Number(process.env.RECON_OP_CASES ?? 12);

/** Law: the import of an exported graph computes what the graph computes. */
function expectSame(g: Graph, values: Arrays, precision: Precision, tolerance: number, constants: Arrays = {}): void {
  const lowered = lower(g, { precision, constants });
  const model = importOnnx(lowered.bytes);
  const own = Object.entries(lowered.inputs).map(([name, theirs]) => [theirs, values[name]!] as const);
  expect(Object.keys(model.inputs).sort()).toEqual(own.map(([name]) => name).sort());
  expect(model.parameters).toEqual({});
  const expected = interpret(g, { ...values, ...constants });
  const found = interpret(model.graph, Object.fromEntries(own));
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const result = found[lowered.outputs[name]!]!;
    expect(result.shape).toEqual(shape);
    const finite = data.every(Number.isFinite);
    // What cancels to zero holds nothing but rounding, which no relative distance can be small for.
    const rounding = data.every((value, i) => Math.abs(value - result.data[i]!) < 1e-13);
    if (finite) expect(rounding ? 0 : distance(result.data, data)).toBeLessThan(tolerance);
    else expect(Array.from(result.data, Number.isFinite)).toEqual(Array.from(data, Number.isFinite));
  }
}

describe("import(lower(graph)) computes what the graph computes", () => {
  test(`on random graphs, seed ${seed}`, () => {
    fc.assert(
      fc.property(randomGraph, fc.boolean(), (g, optimised) => {
        expectSame(optimised ? optimise(g) : g, randomGraphValues, "float64", 1e-12);
      }),
      { seed, numRuns: 20 * draws },
    );
  });

  const families: Readonly<Record<string, OpCases>> = {
    elementwiseCases,
    indexingCases,
    layerCases,
    movementCases,
    productCases,
    specialCases,
  };
  for (const [family, cases] of Object.entries(families)) {
    for (const [name, arbitrary] of Object.entries(cases)) {
      test(`on ${name} of ${family} and its derivative, seed ${seed}`, () => {
        fc.assert(
          fc.property(
            arbitrary,
            fc.constantFrom<Precision>("float32", "float64"),
            ({ shapes, apply, positive }, precision) => {
              const operands = shapes.map((shape, i) => input(`x${i}`, shape));
              const y = apply(...operands);
              const total = sum(square(y));
              const outputs = y.dtype === "float" ? { y, ...gradients(total, operands) } : { y };
              const values = Object.fromEntries(
                operands.map(({ shape }, i) => {
                  const drawn = wave(sizeOf(shape), i + 1, 0.9).map((v) => (positive ? Math.abs(v) + 0.2 : v));
                  return [`x${i}`, { shape, data: Float64Array.from(drawn) }];
                }),
              );
              const inputs = Object.fromEntries(operands.map((x, i) => [`x${i}`, x]));
              expectSame(graph(inputs, outputs), values, precision, precision === "float32" ? 1e-5 : 1e-10);
            },
          ),
          { seed, numRuns: draws },
        );
      });
    }
  }

  const networks = { perceptron: perceptron(2, [6, 5, 3]), lenet: smallLeNet(1), conv: smallConv(2) };
  for (const [name, { x, parameters, logits }] of Object.entries(networks)) {
    for (const precision of ["float32", "float64"] as const) {
      test(`on ${name} and its gradients in ${precision}`, () => {
        const inputs = { x, ...parameters };
        const values = Object.fromEntries(
          Object.entries(inputs).map(([key, { shape }], i) => [
            key,
            { shape, data: Float64Array.from(wave(sizeOf(shape), i + 1, 0.3), Math.fround) },
          ]),
        );
        const { x: data, ...weights } = values;
        const g = graph(inputs, { logits, ...gradients(sum(square(logits)), [x, ...Object.values(parameters)]) });
        expectSame(g, values, precision, 1e-5);
        expectSame(g, { x: data! }, precision, 1e-5, weights);
      });
    }
  }
});

function gradients(y: Parameters<typeof grad>[0], xs: Parameters<typeof grad>[1]): Graph["outputs"] {
  const found = grad(y, xs);
  return Object.fromEntries(found.map((g, i) => [`g${i}`, g]));
}
