import { graph, input, onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { matrix } from "../linear-algebra/matrix.ts";
import { parameterInputs, parameterValues } from "../operators/observation-graph.ts";
import { rng } from "../random.ts";
import { referenceModel } from "../testing/index.ts";
import { featureAssignment, featureMisfit } from "./feature-term.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const [inputs, hidden, batch] = [6, 10, 3];
const model = referenceModel({ inputs, hidden, classes: 3 });
const params = model.init(rng(1));

/** The batch's own features, and the penalty of a batch against rows that may be out of order, scaled and turned. */
async function penaltyOf(shuffle: readonly number[], factors: readonly number[], evaluations: number) {
  const random = rng(2);
  const x = { shape: [batch, inputs], data: Float64Array.from({ length: batch * inputs }, () => random.normal()) };
  const parameters = parameterInputs(model);
  const data = { input: input("input", x.shape) };
  const unknown = { values: matrix(batch, hidden, new Float64Array(batch * hidden).fill(1)), weight: 1, every: 1 };
  const run = async (term: typeof unknown, times: number) => {
    const { penalty, candidate, inputs: rows } = featureMisfit(model, parameters, data, term);
    const program = await executor.compile(graph({ ...parameters, ...data, ...rows }, { penalty, candidate }), {
      precision: "float64",
    });
    const assignment = featureAssignment(term);
    let result = await program.run({ ...parameterValues(params), input: x, ...assignment.values() });
    for (let k = 0; k < times; k++) {
      assignment.see(result.candidate!);
      result = await program.run({ ...parameterValues(params), input: x, ...assignment.values() });
    }
    await program.dispose();
    return result;
  };
  const own = (await run(unknown, 0)).candidate!.data;
  const values = matrix(batch, hidden);
  shuffle.forEach((from, to) => {
    for (let j = 0; j < hidden; j++) values.data[to * hidden + j] = factors[to]! * own[from * hidden + j]!;
  });
  return (await run({ ...unknown, values }, evaluations)).penalty!.data[0]!;
}

test("vanishes on the right features, whatever their sign and scale, and not on others", async () => {
  expect(await penaltyOf([0, 1, 2], [1, 1, 1], 0)).toBeLessThan(1e-9);
  expect(await penaltyOf([0, 1, 2], [-3, 0.2, -1], 0)).toBeLessThan(1e-9);
  expect(await penaltyOf([1, 2, 0], [1, 1, 1], 0)).toBeGreaterThan(1e-3);
});

test("finds which row belongs to which sample", async () => {
  expect(await penaltyOf([1, 2, 0], [2, -1, 0.5], 1)).toBeLessThan(1e-9);
});
