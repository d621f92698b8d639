import { expect, test } from "vitest";
import { appendColumn, matrix } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { rng } from "../../random.ts";
import type { DenseNet } from "./dense-layers.ts";
import { hullCorners } from "./hull-corners.ts";
import { marginSpan } from "./margin-span.ts";

test("samples with entries at the bound are corners of the box within their hull", async () => {
  const [samples, width, units] = [6, 40, 30];
  const r = rng("ink on white");
  const data = matrix(
    samples,
    width,
    Float64Array.from({ length: samples * width }, () => (r.uniform() < 0.7 ? 0 : r.uniform())),
  );
  const mix = matrix(
    units,
    samples,
    Float64Array.from({ length: units * samples }, () => r.normal()),
  );
  const withOne = appendColumn(data, new Float64Array(samples).fill(1));
  const first = multiply(mix, withOne);
  const head = matrix(
    1,
    units,
    Float64Array.from({ length: units }, () => r.normal()),
  );
  const net: DenseNet = { first, biased: true, later: [head], slopes: [0] };
  const span = await marginSpan(first, samples, plainProduct);
  expect(span.rank).toBe(samples);
  const corners = hullCorners(net, span, {
    lower: new Float64Array(width),
    upper: new Float64Array(width).fill(1),
    ...{ slack: 1e-9, directions: 100, rng: rng("directions") },
  });
  for (let i = 0; i < samples; i++) {
    const truth = data.data.subarray(i * width, (i + 1) * width);
    const errors = corners.map(({ sample }) => Math.max(...sample.map((value, j) => Math.abs(value - truth[j]!))));
    expect(Math.min(...errors)).toBeLessThan(1e-6);
  }
});
