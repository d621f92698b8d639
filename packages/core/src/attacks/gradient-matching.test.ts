import { linear, mul, onnxruntime, reshape, squaredError, tanh } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { squared } from "../discrepancies/squared.ts";
import type { Model, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { chain, descent, projectBox, scale, scaleByAdam } from "../solvers/index.ts";
import { drawNormal } from "../testing/draw.ts";
import { plantCase } from "../testing/planted-case.ts";
import { type GradientMatchingOptions, gradientMatching } from "./gradient-matching.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** 3 → 6 tanh, of which the client leaves some out → 2. */
function masked(): Model {
  const shapes = { w1: [6, 3], b1: [6], w2: [2, 6], b2: [2] };
  return {
    name: "masked",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    nuisances: {
      kept: {
        shape: [6],
        expected: 1,
        // At least one unit stays and one goes: otherwise there is nothing to find.
        draw: (stream, batch) => ({
          shape: [batch, 6],
          data: Float64Array.from({ length: batch * 6 }, (_, i) =>
            i % 6 === 0 ? 0 : i % 6 === 1 ? 2 : 2 * stream.integer(2),
          ),
        }),
      },
    },
    input: { shape: [3] },
    target: { shape: [2], kind: "real" },
    lossKind: "mean-squared-error",
    init: (stream: Rng) =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawNormal(shape, stream.split(name))])),
    forward: (p, data) => {
      const h = tanh(linear(reshape(data.input!, [data.input!.shape[0]!, 3]), p.w1!, p.b1!));
      return linear(data.kept === undefined ? h : mul(h, data.kept), p.w2!, p.b2!);
    },
    loss: (output, { target }) => squaredError(output, target!),
  };
}

async function search(
  changes: Partial<GradientMatchingOptions>,
  evaluations: number,
  drawn = rng(seed),
): Promise<Solution> {
  const { problem } = plantCase(drawn.split("case"), { model: masked(), known: { batchSize: 1 } });
  const attack = gradientMatching({
    name: "matching",
    cite: "Zhu, Liu & Han, NeurIPS 2019",
    options: {},
    discrepancy: () => squared(),
    priors: () => [],
    targets: "joint",
    solver: ({ box }) =>
      descent({ update: chain(scaleByAdam(), scale(0.03)), ...(box && { project: projectBox(box) }) }),
    restarts: 3,
    ...changes,
  });
  const context = { executor, budget: { evaluations }, rng: drawn, signal: new AbortController().signal };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("It ended without a solution.");
}

describe(`gradient matching (RECON_TEST_SEED=${seed})`, () => {
  test("finds what the client left out, within what it can draw, where it is told to search for that", async () => {
    // A search from three starts ends in a wrong valley in about one drawing of twenty: most of three tell.
    const better: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      const drawn = rng(seed).split(`drawing ${i}`);
      const without = await search({}, 3000, drawn);
      const found = await search({ nuisances: "search" }, 3000, drawn);
      // Rows of units that were left out are zero in the gradient, and no batch makes the whole net's so.
      better.push(without.residual > 0.05 && found.residual < 0.3 * without.residual);
    }
    expect(better.filter(Boolean).length, JSON.stringify(better)).toBeGreaterThan(1);
  });

  test("starts inputs and targets where it is told, and weighs penalties of both", async () => {
    const filled = (value: number) => (shape: readonly number[]) => ({
      shape,
      data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)).fill(value),
    });
    const { value } = await search({ start: filled(0.25), targetStart: filled(-3), restarts: 1 }, 2);
    expect(Array.from(value.input!.data)).toEqual([0.25, 0.25, 0.25]);
    expect(Array.from(value.target!.data)).toEqual([-3, -3]);
    const pull = 1e4;
    const penalised = await search(
      {
        penalties: async () => [
          ({ input }) => mul(squaredError(input, mul(input, 0)), pull),
          ({ target }) => mul(squaredError(target, mul(target, 0)), pull),
        ],
      },
      1500,
    );
    for (const name of ["input", "target"]) {
      expect(Math.max(...Array.from(penalised.value[name]!.data, Math.abs)), name).toBeLessThan(0.1);
    }
  });
});
