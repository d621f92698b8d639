import {
  type Arrays,
  convolution,
  grad,
  graph,
  input,
  interpret,
  layersOf,
  linear,
  logSoftmax,
  mul,
  neg,
  reshape,
  sigmoid,
  sum,
  type Tensor,
} from "@recon/engine";
import { describe, expect, it } from "vitest";
import { rng } from "../../random.ts";
import { decibels } from "./fixtures/conv-net.ts";
import { fromLayers } from "./from-layers.ts";
import { recursion } from "./recursion.ts";

const x = input("x", [1, 2, 8, 8]);
const target = input("target", [1, 5]);
const w = { w1: input("w1", [6, 2, 3, 3]), b1: input("b1", [6]), w2: input("w2", [5, 96]), b2: input("b2", [5]) };

const hidden = (): Tensor => sigmoid(convolution(x, w.w1, w.b1, { strides: 2, pads: 1 }));

/** Draws parameters and data, and evaluates the gradient of the cross-entropy with the reference interpreter. */
function observe(output: Tensor): { params: Arrays; gradient: Arrays; secret: Float64Array } {
  const random = rng("from layers");
  const draw = (tensor: Tensor) => ({
    shape: tensor.shape,
    data: Float64Array.from({ length: tensor.shape.reduce((a, b) => a * b, 1) }, () => 0.5 * random.normal()),
  });
  const params = Object.fromEntries(Object.entries(w).map(([name, tensor]) => [name, draw(tensor)]));
  const secret = draw(x);
  const label = { shape: [1, 5], data: Float64Array.from([0, 0, 1, 0, 0]) };
  const loss = neg(sum(mul(logSoftmax(output), target)));
  const gradients = grad(loss, Object.values(w));
  const outputs = Object.fromEntries(Object.keys(w).map((name, i) => [name, gradients[i]!]));
  const gradient = interpret(graph({ x, target, ...w }, outputs), { ...params, x: secret, target: label });
  return { params, gradient, secret: secret.data };
}

describe("fromLayers", () => {
  it("maps a traced net to layers from which the recursion recovers the input", async () => {
    const output = linear(reshape(hidden(), [1, 96]), w.w2, w.b2);
    const { params, gradient, secret } = observe(output);
    const chain = fromLayers({ layers: layersOf(output), input: x, output, params, gradient });
    if ("reason" in chain) throw new Error(chain.reason);
    expect(chain.layers.map((layer) => [layer.kind, layer.inputShape, layer.outputShape])).toEqual([
      ["convolution", [2, 8, 8], [6, 4, 4]],
      ["linear", [96], [5]],
    ]);
    const { value } = await recursion(chain.layers);
    expect(decibels(value!.input.data, secret)).toBeGreaterThan(200);
  });

  it("refuses what is not a chain, and names what is missing", () => {
    const output = linear(reshape(hidden(), [1, 96]), w.w2, w.b2);
    const { params, gradient } = observe(output);
    const layers = layersOf(output);
    const reasonOf = (changes: object): string => {
      const chain = fromLayers({ layers, input: x, output, params, gradient, ...changes });
      return "reason" in chain ? chain.reason : "none";
    };
    expect(reasonOf({})).toBe("none");
    expect(reasonOf({ layers: [] })).toMatch(/no linear or convolution layer/);
    expect(reasonOf({ gradient: { ...gradient, b1: undefined } })).toMatch(/no gradient or value of b1/);
    expect(reasonOf({ output: mul(output, output) })).toMatch(/behind the last layer, w2/);
    const doubled = linear(reshape(mul(hidden(), hidden()), [1, 96]), w.w2, w.b2);
    expect(reasonOf({ layers: layersOf(doubled), output: doubled })).toMatch(
      /Between the input and w1|Between w1 and w2 lies/,
    );
  });
});
