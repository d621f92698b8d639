import { avgPool, batchNormEval, convolution, linear, reshape, tanh } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { net, problemOf } from "../../attacks/fixtures/recursion-victim.ts";
import { traceModel } from "../../attacks/model-layers.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { chainAt, chainOf } from "./chain-misfit.ts";
import { fromLayers } from "./from-layers.ts";
import { polish } from "./polish.ts";

/** A convolution with batch normalisation and an average behind it, all part of one layer. */
const model = net({
  shapes: { w1: [12, 2, 3, 3], scale: [12], shift: [12], w2: [5, 108], b2: [5] },
  buffers: { average: [12], variance: [12] },
  outputs: 5,
  forward: (p, x) => {
    const z = convolution(x, p.w1!, undefined, { pads: 1 });
    const affine = { weight: p.scale!, bias: p.shift! };
    const h = tanh(avgPool(batchNormEval(z, p.average!, p.variance!, affine), 2));
    return linear(reshape(h, [1, 108]), p.w2!, p.b2!);
  },
});

function chainOfSeed(seed: number) {
  const { problem, truth } = problemOf(model, [0, 1, 0, 0, 0], seed, "eval");
  const chain = fromLayers({ ...traceModel(model), params: problem.params, gradient: problem.observation });
  if ("reason" in chain) throw new Error(chain.reason);
  return { layers: chain.layers, x: Float64Array.from(truth.input.data) };
}

describe("a layer with what lies behind it folded in", () => {
  it("has the net's own gradients at the truth, and no others elsewhere", () => {
    const { layers, x } = chainOfSeed(1);
    expect(layers[0]!.kind === "convolution" && layers[0]!.window).toEqual([2, 2]);
    expect(layers[0]!.outputShape).toEqual([12, 3, 3]);
    const chain = chainOf(layers);
    expect(chainAt(chain, x).misfit).toBeLessThan(1e-26);
    expect(
      chainAt(
        chain,
        x.map((value) => value + 0.01),
      ).misfit,
    ).toBeGreaterThan(1e-6);
  });

  it("is fitted to all gradients like any other", async () => {
    const { layers, x } = chainOfSeed(2);
    const random = rng("start");
    const start = x.map((value) => value + 1e-3 * random.normal());
    const { input } = await polish(layers, start, plainProduct);
    const error = norm(input.map((value, i) => value - x[i]!)) / norm(x);
    // It stops where a step no longer pays, a hundred times closer at least.
    expect(error).toBeLessThan(1e-5);
  });
});
