import { applicable, type Item, rng } from "@recon/core";
import { plantCase } from "@recon/core/testing";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { usBirths } from "../data/us-births.ts";
import { fcn } from "../models/fcn.ts";
import plugin from "../plugin.ts";
import { auxiliaryWindows } from "./auxiliary-windows.ts";
import { audited } from "./fixtures/audited.ts";
import { learnQuantiles } from "./quantile-inversion/learn-quantiles.ts";
import { levels } from "./quantile-inversion/quantile-network.ts";
import { priorOnly, quantileInversion } from "./quantile-inversion.ts";
import { tsInverse } from "./ts-inverse.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const quick = { sketch: 64, widths: [64], epochs: 30 };

/** Windows whose entries are uniform on [0, 1], the same one throughout a window. */
function flatWindows(count: number): Item[] {
  const stream = rng(seed).split("windows");
  return Array.from({ length: count }, (_, i) => {
    const level = stream.uniform();
    const filled = (shape: number[]) => ({
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(level),
    });
    return { id: String(i), input: filled([6, 1]), target: filled([4]) };
  });
}

describe(`learned quantiles (RECON_TEST_SEED=${seed})`, () => {
  test("without the observation they are those of the windows", { timeout: 60_000 }, async () => {
    const { problem } = plantCase(rng(seed), { model: fcn({ hidden: 6 }, { input: [6, 1], classes: 4 }) });
    const options = { windows: flatWindows(256), batch: 1, blind: true, executor, ...quick, epochs: 100 };
    const { input, target } = await learnQuantiles(problem, { ...options, rng: rng(seed) });
    expect(input.shape).toEqual([levels.length, 6, 1]);
    expect(target.shape).toEqual([levels.length, 4]);
    // Quantiles of uniform numbers are their probabilities.
    levels.forEach((p, level) => {
      expect(Math.abs(input.data[level * 6]! - p)).toBeLessThan(0.12);
      expect(Math.abs(target.data[level * 4 + 3]! - p)).toBeLessThan(0.12);
    });
  });

  test("with it they say more than the control does", { timeout: 120_000 }, async () => {
    const source = usBirths();
    const windows = auxiliaryWindows(source, 192);
    const error = async (attack: ReturnType<typeof priorOnly>): Promise<number> => {
      const options = { source, model: (shape: Parameters<typeof fcn>[1]) => fcn({}, shape), executor, seed };
      const [result] = await audited({ ...options, attack, told: ["auxiliaryData"], trials: 1 });
      expect(result!.certificate).toBe("none");
      return result!.metric.rmse_x!;
    };
    const settings = { sketch: 256, widths: [128], epochs: 40 };
    expect(await error(quantileInversion(windows, settings))).toBeLessThan(
      0.7 * (await error(priorOnly(windows, settings))),
    );
  });

  test("they need the flag, and windows of the victim's shape", async () => {
    const { problem } = plantCase(rng(seed), {
      model: fcn({ hidden: 6 }, { input: [6, 1], classes: 4 }),
      known: { batchSize: 1 },
    });
    const windows = { name: "none", open: async () => flatWindows(3) };
    for (const attack of [quantileInversion(windows), priorOnly(windows), tsInverse({}, [], windows)]) {
      expect(applicable(attack, problem)).toMatchObject({ reason: expect.stringMatching(/auxiliaryData/) });
    }
    expect(applicable(tsInverse(), problem)).toBe(true);
    const other = flatWindows(3).map((item) => ({ ...item, target: { shape: [5], data: new Float32Array(5) } }));
    const learning = learnQuantiles(problem, { windows: other, batch: 1, executor, rng: rng(seed), ...quick });
    await expect(learning).rejects.toThrow(/0 of 3 auxiliary windows/);
  });

  test("an audit file names them by a source of this package", () => {
    const make = (options: object) => plugin.attacks!["prior-only"]!(options as never, { priors: [] });
    expect(make({ auxiliary: { data: "us-births", options: { observed: 28 } } }).needs).toContain("auxiliaryData");
    expect(() => make({})).toThrow(/"auxiliary" must be .*us-births/);
    expect(() => make({ auxiliary: { data: "weather" } })).toThrow(/auxiliary/);
  });
});
