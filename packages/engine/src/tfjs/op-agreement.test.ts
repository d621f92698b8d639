import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { input } from "../ops/leaf.ts";
import type { NdArray, Tensor } from "../tensor.ts";
import { tfjsExecutor } from "./executor.ts";
import { activate, backends, tf } from "./fixtures/backends.ts";
import { drawnCases } from "./fixtures/drawn-cases.ts";
import { distance, numbers } from "./fixtures/numbers.ts";
import { opNames } from "./fixtures/op-names.ts";
import { tfjsRules } from "./rules/table.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const draws = Number(process.env.RECON_OP_CASES ?? 12);

describe.each(backends)(
  `every op on the %s backend agrees with the reference interpreter (RECON_TEST_SEED=${seed})`,
  (backend) => {
    const executor = tfjsExecutor(tf);
    beforeAll(() => activate(backend));
    afterAll(() => executor.dispose());

    test.each(Object.entries(drawnCases))("%s", async (_name, arbitrary) => {
      const inputs: Record<string, Tensor> = {};
      const outputs: Record<string, Tensor> = {};
      const arrays: Record<string, NdArray> = {};
      fc.sample(arbitrary, { numRuns: draws, seed }).forEach(({ shapes, apply, positive }, i) => {
        const operands = shapes.map((shape, k) => {
          const name = `${i}/${k}`;
          inputs[name] = input(name, shape);
          arrays[name] = numbers(shape, i * 10 + k, positive);
          return inputs[name];
        });
        outputs[`${i}`] = apply(...operands);
      });
      const g = graph(inputs, outputs);
      const expected = interpret(g, arrays);
      const before = tf.memory().numTensors;
      const program = await executor.compile(g, { optimise: false });
      const actual = await program.run(arrays);
      await program.dispose();
      expect(tf.memory().numTensors).toBe(before);
      for (const [name, value] of Object.entries(expected)) {
        const about = `draw ${name} of [${outputs[name]!.inputs.map(({ shape }) => `[${shape}]`)}] ${JSON.stringify(outputs[name]!.attributes)}`;
        expect(actual[name]!.shape, about).toEqual(value.shape);
        expect(actual[name]!.data.length, about).toBe(value.data.length);
        expect(distance(actual[name]!.data, value.data), about).toBeLessThan(1e-5);
      }
    });
  },
);

test("no op of the engine is without a rule", () => {
  const names = opNames();
  // Enough of them that the list cannot have been read wrongly.
  for (const name of ["add", "conv", "convFilterGradient", "exp", "innerProduct", "leakyRelu", "greater", "concat"])
    expect(names).toContain(name);
  const cannotRun = names.filter((name) => name !== "input" && name !== "constant" && !Object.hasOwn(tfjsRules, name));
  expect(cannotRun).toEqual([]);
  expect(Object.keys(tfjsRules).filter((name) => !names.includes(name))).toEqual([]);
});

test("the drawn cases leave no op out", () => {
  const reached = new Set<string>();
  for (const arbitrary of Object.values(drawnCases)) {
    for (const { shapes, apply } of fc.sample(arbitrary, { numRuns: 40, seed })) {
      const output = apply(...shapes.map((shape, k) => input(`${k}`, shape)));
      for (const node of nodesOf({ inputs: {}, outputs: { output } })) reached.add(node.op.name);
    }
  }
  expect(opNames().filter((name) => !reached.has(name))).toEqual([]);
});
