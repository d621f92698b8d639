import { defaultKnowledge, gaussianNoise, gradient, type Model, type Problem, rng, type Solution } from "@recon/core";
import { type Arrays, type Executor, graph, input, onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { seriesDomain } from "../domain.ts";
import { fcn } from "../models/fcn.ts";
import { tcn } from "../models/tcn.ts";
import { subsetSums } from "./temporal-recursion/subset-sums.ts";
import { temporalRecursion } from "./temporal-recursion.ts";

const executor: Executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const known = Object.fromEntries(defaultKnowledge.map((flag) => [flag, true]));

/** A drawn window through a drawn net, and its gradient. */
async function planted(model: Model, seed: number, precision: "float32" | "float64", batch = 1) {
  const random = rng(seed);
  const params = model.init(random.split("weights"));
  const values = (shape: readonly number[], name: string) => {
    const stream = random.split(name);
    return { shape, data: Float32Array.from({ length: shape.reduce((n, e) => n * e, 1) }, () => stream.uniform()) };
  };
  const data = {
    input: values([batch, ...model.input.shape], "input"),
    target: values([batch, ...model.target.shape], "target"),
  };
  const symbols = (arrays: Arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, input(name, shape)]));
  const [ps, ds] = [symbols(params), symbols(data)];
  const program = await executor.compile(graph({ ...ps, ...ds }, gradient().observe(model, ps, ds)), { precision });
  const observation = await program.run({ ...params, ...data });
  await program.dispose();
  const [steps = 1] = model.input.shape;
  const [horizon = 1] = model.target.shape;
  const problem: Problem = {
    model,
    params,
    operator: gradient(),
    defences: [],
    observation,
    observationPrecision: precision,
    knowledge: { ...known, batchSize: batch, lossKind: model.lossKind, lossReduction: "mean" },
    domain: seriesDomain({ observed: steps, horizon }),
  };
  return { problem, data };
}

async function attacked(problem: Problem): Promise<Solution> {
  const context = { executor, budget: { evaluations: 10 }, rng: rng("attack"), signal: new AbortController().signal };
  for await (const event of temporalRecursion().run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(b, (value, i) => Math.abs(a[i]! - value)));
}

const small = tcn({ hidden: 24, layers: 3, kernel: 4 }, { input: [30, 1], classes: 6 });

describe("temporalRecursion", () => {
  it.each([
    ["float64", 1e-11],
    ["float32", 1e-3],
  ] as const)("recovers drawn windows from %s gradients", async (precision, most) => {
    for (const seed of [1, 2, 3, 4]) {
      const { problem, data } = await planted(small, seed, precision);
      const { value, certificate, verdict } = await attacked(problem);
      expect(worst(value.input!.data, data.input.data)).toBeLessThan(most);
      expect(worst(value.target!.data, data.target.data)).toBeLessThan(most);
      if (precision === "float64") expect([certificate.level, verdict]).toEqual(["locally-unique", "recovered"]);
    }
  });

  it("takes several columns", async () => {
    const model = tcn({ hidden: 24, layers: 2, kernel: 3 }, { input: [10, 2], classes: 6 });
    const { problem, data } = await planted(model, 5, "float64");
    const { value } = await attacked(problem);
    expect(worst(value.input!.data, data.input.data)).toBeLessThan(1e-9);
  });

  it("certifies nothing where the gradient is another window's", async () => {
    const { problem } = await planted(small, 6, "float64");
    const bent = Object.fromEntries(
      Object.entries(problem.observation).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (value, i) => value * (1 + 0.01 * Math.sin(i))) },
      ]),
    );
    const { certificate, verdict, reason } = await attacked({ ...problem, observation: bent });
    expect(certificate.level).toBe("none");
    expect(verdict).toBe("budget spent");
    expect(reason).toMatch(/ended: (block|\d+ of|every)/);
  });

  it("refuses in words", async () => {
    const reasonOf = (problem: Problem): string => {
      const answer = temporalRecursion().applies(problem);
      return answer === true ? "" : answer.reason;
    };
    const { problem } = await planted(small, 7, "float64");
    expect(temporalRecursion().applies(problem)).toBe(true);
    expect(reasonOf({ ...problem, defences: [gaussianNoise({ rel_noise: 0.1 })] })).toMatch(/channel changed/);
    expect(reasonOf((await planted(small, 7, "float64", 2)).problem)).toMatch(/takes one window/);
    const other = fcn({ hidden: 8 }, { input: [30, 1], classes: 6 });
    expect(reasonOf((await planted(other, 7, "float64")).problem)).toMatch(/not a chain of residual blocks/);
    const dropped = tcn({ hidden: 8, layers: 2, kernel: 3, dropout: 0.1 }, { input: [10, 1], classes: 2 });
    expect(reasonOf({ ...problem, model: dropped })).toMatch(/left out units/);
  });
});

describe("subsetSums", () => {
  it("finds the subset that was drawn, and says of too many items that it cannot", () => {
    const random = rng("subsets");
    for (const length of [0, 1, 2, 9, 20]) {
      const items = Array.from({ length }, () => random.normal());
      const on = items.map(() => random.uniform() < 0.5);
      const total = items.reduce((sum, item, i) => sum + (on[i] ? item : 0), 0);
      expect(subsetSums(items, total, 1e-12)).toEqual([on]);
    }
    expect(subsetSums([1, 2, 4], 8, 0.5)).toEqual([]);
    expect(subsetSums([1, 1], 1, 1e-9)).toHaveLength(2);
    expect(subsetSums(new Array<number>(40).fill(1), 3, 0.1)).toBeUndefined();
  });
});
