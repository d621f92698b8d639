import { type Arrays, interpret } from "@recon/engine";
import { expect, test } from "vitest";
import { binaryNet } from "../fixtures/binary-net.ts";
import { rng } from "../random.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { observationGraph, parameterValues } from "./observation-graph.ts";
import { stationarity } from "./stationarity.ts";

const model = binaryNet({ sizes: [3, 6, 5, 1] });
const params = model.init(rng(1));
const r = rng(2);
const batch = 4;
const input = { shape: [batch, 3], data: Float64Array.from({ length: 3 * batch }, () => r.normal()) };
const target = { shape: [batch, 1], data: Float64Array.of(1, 0, 0, 1) };
const multipliers = { shape: [batch], data: Float64Array.of(0.3, 1.2, 0, 2) };

function observed(
  operator: ReturnType<typeof stationarity>,
  weights: Arrays = params,
  items: Arrays = { input, target, multipliers },
): Arrays {
  return interpret(observationGraph(model, operator, batch), { ...parameterValues(weights), ...items });
}

/** f for every sample, by plain loops. */
function outputs(weights: Arrays): number[] {
  return Array.from({ length: batch }, (_, i) => {
    let a = Array.from(input.data.subarray(3 * i, 3 * i + 3));
    for (let l = 0; l < 3; l++) {
      const w = weights[`w${l}`]!;
      const [rows, cols] = w.shape as [number, number];
      const z = Array.from({ length: rows }, (_, j) =>
        a.reduce((sum, value, k) => sum + w.data[j * cols + k]! * value, weights[`b${l}`]?.data[j] ?? 0),
      );
      a = l < 2 ? z.map((value) => Math.max(value, 0)) : z;
    }
    return a[0]!;
  });
}

test("it is the gradient of the weighted sum of signed outputs, by finite differences", () => {
  const g = observed(stationarity());
  const total = (weights: Arrays): number =>
    outputs(weights).reduce((sum, f, i) => sum + multipliers.data[i]! * (2 * target.data[i]! - 1) * f, 0);
  for (const [name, { shape, data }] of Object.entries(params)) {
    const moved = (by: number, at: number): Arrays => ({
      ...params,
      [name]: { shape, data: Float64Array.from(data, (value, i) => (i === at ? value + by : value)) },
    });
    for (const at of [0, data.length - 1]) {
      const slope = (total(moved(1e-6, at)) - total(moved(-1e-6, at))) / 2e-6;
      expect(g[name]!.data[at]).toBeCloseTo(slope, 6);
    }
  }
});

test("Euler's identity: the observation along the weights is the degree times the weighted margins", () => {
  const g = observed(stationarity());
  const inner = Object.entries(g).reduce(
    (sum, [name, { data }]) => sum + Array.from(data).reduce((s, value, i) => s + value * params[name]!.data[i]!, 0),
    0,
  );
  const margins = outputs(params).reduce((sum, f, i) => sum + multipliers.data[i]! * (2 * target.data[i]! - 1) * f, 0);
  expect(inner).toBeCloseTo(3 * margins, 10);
});

test("a relaxed derivative tends to the ReLU's own, and differs where it is soft", () => {
  const hard = observed(stationarity());
  const away = (sharpness: number): number => {
    const soft = observed(stationarity({ sharpness }));
    return Math.max(
      ...Object.entries(hard).flatMap(([name, { data }]) =>
        Array.from(data, (v, i) => Math.abs(v - soft[name]!.data[i]!)),
      ),
    );
  };
  expect(away(1e6)).toBeLessThan(1e-9);
  expect(away(3)).toBeGreaterThan(1e-2);
});

const victim = (over: Partial<{ model: typeof model; target: typeof target }>) => ({
  model: over.model ?? model,
  operator: stationarity(),
  params: {},
  data: { input, target: over.target ?? target },
  executor: referenceExecutor(),
  rng: rng(3),
});

test("what it cannot speak of is refused with the reason", async () => {
  const release = stationarity({ steps: 10 }).release!;
  await expect(release(victim({ model: binaryNet({ sizes: [3, 4, 1], biased: [0, 1] }) }))).rejects.toThrow(
    /Layer b1 breaks it: its bias b1/,
  );
  await expect(release(victim({ target: { ...target, data: Float64Array.of(0, 1, 2, 1) } }))).rejects.toThrow(
    /label 2 is \[2\]; each must be one of two classes/,
  );
  await expect(release(victim({ target: { ...target, data: new Float64Array(4) } }))).rejects.toThrow(
    /all 4 labels are the same/,
  );
  await expect(release(victim({}))).rejects.toThrow(
    /not trained to a stationary point: after 10 steps its weights are (0\.\d+|1\.0) of their norm away .* \(the residual\), and its margins run from -?[\d.e-]+ to/,
  );
  expect(() => stationarity({ steps: 0 })).toThrow(/"steps" must be a whole number of at least 1/);
});
