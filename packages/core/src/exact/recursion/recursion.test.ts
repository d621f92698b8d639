import { onnxruntime } from "@recon/engine";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { executorProduct } from "../../linear-algebra/multiply.ts";
import { decibels, leNetZhu, type NetSpec } from "./fixtures/conv-net.ts";
import { recursionTrial as trial } from "./fixtures/recursion-trial.ts";
import { recursion } from "./recursion.ts";

const executor = onnxruntime();
const compiled = executorProduct(executor);
afterAll(async () => {
  await compiled.dispose();
  await executor.dispose();
});

const small = (activation: NetSpec["convolutions"][number]["activation"], more: Partial<NetSpec> = {}): NetSpec => ({
  input: [2, 8, 8],
  convolutions: [
    { out: 6, kernel: 3, stride: 2, pad: 1, bias: true, activation },
    { out: 8, kernel: 3, stride: 1, pad: 1, bias: false, activation },
  ],
  classes: 5,
  head: "softmax",
  ...more,
});

describe("recursion on a reference net", () => {
  it("LeNet-Zhu from a float32 gradient: above 100 dB", { timeout: 120_000 }, async () => {
    const { layers, x, parameters } = trial(leNetZhu, 0, true);
    expect(parameters).toBe(15_826);
    const { value, residual } = await recursion(layers, { product: compiled.product });
    expect(decibels(value!.input.data, x)).toBeGreaterThan(100);
    expect(residual).toBeLessThan(1e-5);
    expect(value!.layers.map((layer) => layer.rankIndex)).toEqual([1, 1, 1, 1]);
  });
});

describe("recursion on small nets", () => {
  it("inverts every invertible activation, with hidden linear layers, groups, either head", async () => {
    const specs: NetSpec[] = [
      small({ name: "sigmoid" }),
      small({ name: "tanh" }),
      small({ name: "leakyRelu", slope: 0.2 }),
      small({ name: "identity" }),
      small({ name: "softplus" }),
      small({ name: "elu" }),
      small({ name: "tanh" }, { head: "squared" }),
      small({ name: "tanh" }, { hidden: [{ out: 7, bias: true, activation: { name: "relu" } }] }),
      small({ name: "tanh" }, { hidden: [{ out: 7, bias: false, activation: { name: "sigmoid" } }] }),
      small(
        { name: "tanh" },
        {
          convolutions: [{ out: 8, kernel: 3, stride: 1, pad: 1, groups: 2, bias: true, activation: { name: "tanh" } }],
        },
      ),
    ];
    for (const spec of specs) {
      const { layers, x } = trial(spec, 5, false);
      const { value, reason } = await recursion(layers);
      expect(value, reason).toBeDefined();
      expect(decibels(value!.input.data, x)).toBeGreaterThan(180);
    }
  });

  it("recovers drawn nets and inputs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom("sigmoid" as const, "tanh" as const, "elu" as const),
        async (seed, name) => {
          const { layers, x } = trial(small({ name }), seed, false);
          expect(decibels((await recursion(layers)).value!.input.data, x)).toBeGreaterThan(150);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("goes through ReLUs where the units that are on and the gradients determine every layer, and refuses where they do not", {
    timeout: 120_000,
  }, async () => {
    const relu = { name: "relu" } as const;
    const spec = (first: number): NetSpec =>
      small(relu, {
        convolutions: [
          { out: first, kernel: 3, stride: 1, pad: 1, bias: true, activation: relu },
          { out: 12, kernel: 3, stride: 1, pad: 1, bias: true, activation: relu },
          { out: 10, kernel: 3, stride: 1, pad: 1, bias: true, activation: relu },
        ],
        input: [2, 6, 6],
      });
    let refused = 0;
    for (const [first, float32, least] of [
      [12, false, 180],
      [12, true, 80],
      [1, false, 180],
    ] as const) {
      for (let seed = 0; seed < 3; seed++) {
        const { layers, x } = trial(spec(first), seed, float32);
        const { value, reason } = await recursion(layers);
        if (value === undefined) {
          expect(reason).toMatch(/Layer layer \d: Rank index (at most )?0\.\d+/);
          refused++;
        } else expect(decibels(value.input.data, x), `seed ${seed}`).toBeGreaterThan(least);
        if (first === 12) expect(value, reason).toBeDefined();
      }
    }
    // One channel, however much of it is on, leaves at most 36 + 2 · 9 equations for 72 unknowns.
    expect(refused).toBe(3);
  });

  it("says so when a layer does not determine its input", async () => {
    const starved = small(
      { name: "tanh" },
      {
        convolutions: [{ out: 2, kernel: 3, stride: 4, pad: 1, bias: true, activation: { name: "tanh" } }],
      },
    );
    const { value, reason } = await recursion(trial(starved, 1, false).layers);
    expect(value).toBeUndefined();
    // 2 x 4 outputs and min(2 x 9, 64) gradient equations in each of 2 channels, for 128 unknowns.
    expect(reason).toBe("Layer layer 1: Rank index at most 0.344: 44 equations for 128 unknowns.");
  });

  it("shows several samples in the misfit at the head, and refuses when that is large", async () => {
    const { layers } = trial(small({ name: "tanh" }), 3, false, 2);
    const refused = await recursion(layers, { headTolerance: 1e-6 });
    expect(refused.value).toBeUndefined();
    expect(refused.reason).toMatch(/not that of one sample/);
    const { value, residual } = await recursion(layers, { headTolerance: 1 });
    expect(value === undefined || residual > 1e-3).toBe(true);
  });

  it("refuses nets it cannot go through, with the layer's name", async () => {
    const { layers } = trial(small({ name: "tanh" }), 4, false);
    const [first, second, head] = layers as [(typeof layers)[number], (typeof layers)[number], (typeof layers)[number]];
    const reasonOf = async (chain: typeof layers): Promise<string> => (await recursion(chain)).reason;
    expect(await reasonOf([])).toMatch(/no layers/);
    expect(await reasonOf([first, second])).toMatch(/not linear/);
    expect(await reasonOf([first, head])).toMatch(/other than a reshape/);
    expect(await reasonOf([{ ...first, activation: { name: "other" } }, second, head])).toMatch(
      /layer 1: other cannot be inverted/,
    );
    expect(await reasonOf([first, second, { ...head, activation: { name: "tanh" } }])).toMatch(
      /follows the last layer/,
    );
    const { biasGradient, ...unbiased } = head;
    expect(biasGradient).toBeDefined();
    expect(await reasonOf([first, second, unbiased])).toMatch(/no bias gradient/);
    const zero = { ...head, biasGradient: { shape: [5], data: new Float64Array(5) } };
    expect(await reasonOf([first, second, zero])).toMatch(/bias gradient is zero/);
    await expect(recursion(layers, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
