import type { Activation } from "@recon/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { innerProduct, matrixVector, norm } from "../../linear-algebra/vector.ts";
import { type Rng, rng } from "../../random.ts";
import { chainAt, chainOf, misfitGradient, residualChange } from "./chain-misfit.ts";
import { gradientsOf, type NetSpec, oneHot, randomNet, smoothInput } from "./fixtures/conv-net.ts";
import { information } from "./information.ts";
import { inverseActivation } from "./inverse-activation.ts";
import { polish } from "./polish.ts";
import type { RecursionLayer } from "./recursion.ts";

/** Two convolutions, one of them grouped and biased, and a hidden linear layer: every kind of layer the chain knows. */
const deep = (name: Activation["name"]): NetSpec => ({
  input: [2, 6, 6],
  convolutions: [
    { out: 4, kernel: 3, stride: 1, pad: 1, groups: 2, bias: true, activation: { name } },
    { out: 5, kernel: 3, stride: 2, pad: 1, bias: false, activation: { name } },
  ],
  hidden: [{ out: 6, bias: true, activation: { name } }],
  classes: 5,
  head: "softmax",
});

interface Trial {
  readonly layers: readonly RecursionLayer[];
  readonly x: Float64Array;
  readonly random: Rng;
}

function trial(spec: NetSpec, seed: number): Trial {
  const random = rng(seed);
  const x = smoothInput(spec.input, random.split("input"));
  const y = oneHot(spec.classes, random.integer(spec.classes));
  return { layers: gradientsOf(spec, randomNet(spec, random.split("weights")), [{ x, y }]), x, random };
}

const distance = (a: Float64Array, b: Float64Array): number => norm(a.map((value, i) => value - b[i]!));

describe("activations, forwards and backwards", () => {
  it("have the slopes and curvatures of their function", () => {
    for (const name of ["sigmoid", "tanh", "softplus", "elu", "leakyRelu", "identity", "relu"] as const) {
      const { apply, slope, curvature } = inverseActivation({ name })!;
      for (const z of [-1.3, -0.2, 0.4, 2.1]) {
        const e = 1e-4;
        expect(slope(apply(z)), name).toBeCloseTo((apply(z + e) - apply(z - e)) / (2 * e), 7);
        expect(curvature(apply(z)), name).toBeCloseTo((apply(z + e) - 2 * apply(z) + apply(z - e)) / e ** 2, 6);
      }
    }
  });
});

describe("the misfit of a chain", () => {
  it("vanishes at the truth", () => {
    const { layers, x } = trial(deep("tanh"), 1);
    expect(chainAt(chainOf(layers), x).misfit).toBeLessThan(1e-26);
  });

  it("has the gradient that its differences show", () => {
    const names = ["sigmoid", "tanh", "softplus"] as const;
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...names), (seed, name) => {
        const { layers, x, random } = trial(deep(name), seed);
        const chain = chainOf(layers);
        const at = x.map((value) => value + 0.1 * random.normal());
        const gradient = misfitGradient(chain, chainAt(chain, at));
        // Along the gradient itself, so that the slope is never small beside the rounding of the misfit.
        const direction = gradient.map((value) => value / norm(gradient));
        const moved = (by: number): number =>
          chainAt(
            chain,
            at.map((value, i) => value + by * direction[i]!),
          ).misfit;
        const e = 1e-5;
        const slope = (moved(e) - moved(-e)) / (2 * e);
        expect(Math.abs(slope / (2 * norm(gradient)) - 1)).toBeLessThan(1e-4);
      }),
      { numRuns: 20 },
    );
  });

  it("has at the truth the second derivative that the changes of its residuals give", () => {
    const { layers, x, random } = trial(deep("sigmoid"), 3);
    const chain = chainOf(layers);
    const direction = x.map(() => random.normal());
    const product = misfitGradient(chain, residualChange(chain, chainAt(chain, x), direction));
    const e = 1e-5;
    const gradientAt = (by: number): Float64Array => {
      const moved = x.map((value, i) => value + by * direction[i]!);
      return misfitGradient(chain, chainAt(chain, moved));
    };
    const back = gradientAt(-e);
    const difference = gradientAt(e).map((value, i) => (value - back[i]!) / (2 * e));
    expect(distance(difference, product)).toBeLessThan(1e-6 * norm(product));
  });
});

describe("information", () => {
  it.each([1, 2])("is exactly Jᵀ J where only the head lies behind a layer, %i groups", (groups) => {
    const spec: NetSpec = {
      input: [2, 5, 5],
      convolutions: [{ out: 4, kernel: 3, stride: 2, pad: 1, groups, bias: true, activation: { name: "tanh" } }],
      classes: 4,
      head: "softmax",
    };
    const { layers, x, random } = trial(spec, 5);
    const chain = chainOf(layers);
    const point = chainAt(chain, x);
    const direction = x.map(() => random.normal());
    const exact = misfitGradient(chain, residualChange(chain, point, direction));
    const found = matrixVector(information(chain, point), direction);
    expect(distance(found, exact)).toBeLessThan(1e-12 * norm(exact));
  });

  it("is symmetric and close to Jᵀ J in a deep net", () => {
    const { layers, x, random } = trial(deep("tanh"), 6);
    const chain = chainOf(layers);
    const point = chainAt(chain, x);
    const n = information(chain, point);
    for (let i = 0; i < n.rows; i++) {
      for (let j = 0; j < i; j++) expect(n.data[i * n.cols + j]).toBe(n.data[j * n.cols + i]);
    }
    const direction = x.map(() => random.normal());
    const exact = innerProduct(direction, misfitGradient(chain, residualChange(chain, point, direction)));
    const share = innerProduct(direction, matrixVector(n, direction)) / exact;
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1.5);
  });
});

describe("polish", () => {
  const spec: NetSpec = { ...deep("sigmoid"), halfWidth: 0.5 };

  it("returns to the truth from nearby when the gradient is exact", async () => {
    const { layers, x, random } = trial(spec, 7);
    const start = x.map((value) => value + 1e-3 * random.normal());
    const { input, before, after } = await polish(layers, start, plainProduct);
    expect(after).toBeLessThan(1e-3 * before);
    expect(distance(input, x)).toBeLessThan(1e-2 * distance(start, x));
  });

  it("estimates the error that noise on the gradients leaves", async () => {
    for (let seed = 0; seed < 6; seed++) {
      const { layers, x, random } = trial(spec, seed);
      const noisy = layers.map((layer, i) => {
        const { shape, data } = layer.weightGradient;
        // The head is left alone: what it says comes with its bias gradient, which is taken as exact.
        const size = i === layers.length - 1 ? 0 : (1e-6 * norm(data)) / Math.sqrt(data.length);
        return {
          ...layer,
          weightGradient: { shape, data: Float64Array.from(data, (v) => v + size * random.normal()) },
        };
      });
      const { input, deviation } = await polish(noisy, x, plainProduct);
      const ratio = distance(input, x) / Math.sqrt(x.length) / deviation!;
      expect(ratio).toBeGreaterThan(1 / 3);
      expect(ratio).toBeLessThan(3);
    }
  });

  it("stops when it is told to", async () => {
    const { layers, x } = trial(spec, 8);
    await expect(polish(layers, x, plainProduct, AbortSignal.abort())).rejects.toThrow();
  });
});
