import { add, linear, mean, mul, type Shape, sub, sum, type Tensor, tanh } from "@recon/engine";
import { expect, test } from "vitest";
import { gradient } from "../operators/gradient.ts";
import type { Model } from "../problem.ts";
import { rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { compareDrawnNets, measuredRank } from "./fixtures/measured-rank.ts";
import { rankCount } from "./rank-count.ts";

test("no drawn net has a Jacobian of a higher rank than the count, and many attain it", async () => {
  const { attained, below } = await compareDrawnNets(rng("ordinary"), 12);
  // A count that is always attained or never below the trivial one would show nothing.
  expect(attained).toBeGreaterThan(3);
  expect(below).toBeGreaterThan(1);
});

/** Linear layers with tanh between them, given by their widths; `skip` adds what enters the middle layer to what leaves it. */
function chain(widths: readonly number[], options: { readonly bias?: boolean; readonly skip?: boolean } = {}): Model {
  const { bias = true, skip = false } = options;
  const shapes: Record<string, Shape> = {};
  widths.slice(1).forEach((out, k) => {
    shapes[`w${k}`] = [out, widths[k]!];
    if (bias) shapes[`b${k}`] = [out];
  });
  return {
    name: "chain",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [widths[0]!] },
    target: { shape: [widths.at(-1)!], kind: "real" },
    lossKind: "mean-squared-error",
    init: (stream) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawNormal(shape, stream.split(name))])),
    forward: (p, data) =>
      widths.slice(1).reduce((x: Tensor, _, k) => {
        const last = k === widths.length - 2;
        const z = linear(x, p[`w${k}`]!, p[`b${k}`]);
        if (last) return z;
        return skip && k === 1 ? add(x, tanh(z)) : tanh(z);
      }, data.input!),
    loss: (output, { target }) => {
      const difference = sub(output, target!);
      return mean(sum(mul(difference, difference), [1]));
    },
  };
}

test("a narrow layer: its features, and the gradients that are no function of them", () => {
  // 20 → 2 → 30 → 1: everything but dW₀ is a function of the two features of each sample.
  const counted = rankCount({ model: chain([20, 2, 30, 1]), operator: gradient() }, 3);
  expect(counted.unknowns).toBe(60);
  expect(counted.bound).toBe(3 * 2 + 20 * 2);
  expect(counted.layers.map(({ layer, count }) => [layer, count])).toEqual([
    ["w0", 60],
    ["w1", 6 + 40],
    ["w2", 90 + 40 + 2 + 60],
  ]);
  expect(counted.losesAt).toBe("w0");
  expect(counted.layers[1]!.behind).toEqual(["b0", "w1", "b1", "w2", "b2"]);
  expect(counted.cut.map(({ entries }) => entries).sort((a, b) => a - b)).toEqual([6, 40]);
});

test("without biases there is nothing less to count where the features hold the biases' gradients", () => {
  const operator = gradient();
  const bare = rankCount({ model: chain([20, 2, 30, 1], { bias: false }), operator }, 3);
  expect(bare.bound).toBe(46);
  expect(bare.layers[1]!.behind).toEqual(["w1", "w2"]);
});

test("a connection past a layer keeps the bound sound", async () => {
  const model = chain([16, 4, 4, 1], { skip: true });
  const { bound, bypassed } = rankCount({ model, operator: gradient() }, 6);
  expect(bypassed).toEqual([]);
  expect(bound).toBe(6 * 4 + 16 * 4);
  expect(await measuredRank(model, 6, 1)).toBeLessThanOrEqual(bound);
});

test("no layer of a branch is counted by its own features", () => {
  const base = chain([6, 4, 4, 1]);
  const model: Model = {
    ...base,
    forward: (p, data) => {
      const x = tanh(linear(data.input!, p.w0!, p.b0));
      const branch = tanh(linear(x, p.w1!, p.b1));
      // The head reads the branch alone, but a second way leads from the input of the branch to the output.
      return add(linear(branch, p.w2!, p.b2), mean(x, [1], true));
    },
  };
  const { bypassed, layers } = rankCount({ model, operator: gradient() }, 2);
  expect(layers.map(({ layer }) => layer)).toEqual(["w0", "w1"]);
  expect(bypassed).toEqual(["w2"]);
});

test("entries that a mask hides count for nothing", () => {
  const problem = { model: referenceModel({ inputs: 30, hidden: 5 }), operator: gradient() };
  const all = rankCount(problem, 2);
  expect(all.bound).toBe(60);
  const masked = rankCount(problem, 2, { visible: (name) => (name === "w1" ? 7 : undefined) });
  // 2 · 5 features and what is left of dW₁.
  expect(masked.bound).toBe(17);
  expect(rankCount(problem, 2, { visible: () => 0 }).bound).toBe(0);
});
