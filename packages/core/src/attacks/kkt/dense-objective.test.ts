import { interpret } from "@recon/engine";
import { expect, test } from "vitest";
import { binaryNet } from "../../fixtures/binary-net.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { observationGraph, parameterValues } from "../../operators/observation-graph.ts";
import { stationarity } from "../../operators/stationarity.ts";
import { rng } from "../../random.ts";
import { plantCase } from "../../testing/planted-case.ts";
import { denseNet } from "./dense-layers.ts";
import { denseObjective } from "./dense-objective.ts";
import { marginSpan } from "./margin-span.ts";

test("with a sharp derivative the misfit is that of the operator, layer by layer through Gram matrices", async () => {
  const [width, count] = [5, 4];
  const model = binaryNet({ sizes: [width, 7, 6, 1] });
  const { problem } = plantCase(rng(3), { model, batch: 1 });
  const net = denseNet(problem);
  if ("reason" in net) throw new Error(net.reason);
  const span = await marginSpan(net.first, width + 1, plainProduct);
  expect(span.rank).toBe(width + 1);
  const r = rng(4);
  const t = Float64Array.from({ length: count * width }, () => r.normal());
  const multipliers = Float64Array.of(0.2, 0.7, 0.1, 0.4);
  const signs = Float64Array.of(1, -1, 1, -1);
  const bound = new Float64Array(width).fill(1e3);
  const objective = denseObjective(net, span, {
    ...{ count, signs, upper: bound, lower: bound.map((value) => -value) },
    ...{ multiplierScale: 1, unit: 1 },
  });
  const { misfit } = interpret(objective, {
    t: { shape: [count, width], data: t },
    multipliers: { shape: [count], data: multipliers },
    alpha: { shape: [], data: Float64Array.of(1e12) },
    least: { shape: [], data: Float64Array.of(0) },
  });

  // The same candidates as samples, and the weights scaled to |Θ|² = 3, by the operator itself.
  const columns = span.directions;
  const input = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    const c = span.origin.map((value, k) => {
      let total = value;
      for (let q = 0; q < width; q++) total += columns.data[k * width + q]! * t[i * width + q]!;
      return total;
    });
    for (let j = 0; j <= width; j++) {
      const entry = c.reduce((sum, value, k) => sum + value * span.basis.data[j * span.rank + k]!, 0);
      if (j < width) input[i * width + j] = entry;
      else expect(entry).toBeCloseTo(1, 10);
    }
  }
  const all = Object.entries(problem.params);
  const square = all.reduce(
    (sum, [, { data }]) => sum + Array.from(data).reduce((s, value) => s + value * value, 0),
    0,
  );
  const scaled = Object.fromEntries(
    all.map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value) => value * Math.sqrt(3 / square)) },
    ]),
  );
  const observed = interpret(observationGraph(model, stationarity(), count), {
    ...parameterValues(scaled),
    input: { shape: [count, width], data: input },
    target: { shape: [count, 1], data: signs.map((sign) => (sign + 1) / 2) },
    multipliers: { shape: [count], data: multipliers },
  });
  const distance = Object.entries(scaled).reduce(
    (sum, [name, { data }]) => sum + data.reduce((s, value, i) => s + (value - observed[name]!.data[i]!) ** 2, 0),
    0,
  );
  expect(misfit!.data[0]).toBeCloseTo(distance / 3, 9);
});
