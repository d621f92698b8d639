import { expect, test } from "vitest";
import { dataCoordinates } from "./data-coordinates.ts";
import { binaryNet } from "./fixtures/binary-net.ts";
import { rng } from "./random.ts";
import { referenceExecutor } from "./testing/reference-executor.ts";
import { trainToMargin } from "./train-to-margin.ts";

const r = rng(4);
const normal = (...shape: number[]) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => r.normal()),
});

test("coordinates of the data's span change nothing", async () => {
  const [items, width] = [4, 7];
  const model = binaryNet({ sizes: [width, 9, 1] });
  const input = normal(items, width);
  const start = model.init(rng(1));
  const reduced = dataCoordinates(model, start, input);
  expect(reduced.start.w0!.shape).toEqual([9, items]);
  const back = reduced.finish(reduced.start);
  start.w0!.data.forEach((value, i) => {
    expect(back.w0!.data[i]).toBeCloseTo(value, 12);
  });
  // As many items as numbers: the same net, not reduced.
  expect(dataCoordinates(model, start, normal(width, width)).start.w0).toBe(start.w0);
});

test("training brings margins far up and near each other", async () => {
  const [items, width] = [4, 6];
  const model = binaryNet({ sizes: [width, 12, 1] });
  const input = normal(items, width);
  const target = { shape: [items, 1], data: Float64Array.of(1, 0, 1, 0) };
  const { params, margins: reached } = await trainToMargin(model, {
    ...{ input, target, steps: 600, rate: 0.3, firstLayer: 1e-3 },
    ...{ executor: referenceExecutor(), rng: rng(2) },
  });
  const margins = Array.from({ length: items }, (_, i) => {
    let f = 0;
    for (let j = 0; j < 12; j++) {
      let z = params.b0!.data[j]!;
      for (let k = 0; k < width; k++) z += params.w0!.data[j * width + k]! * input.data[i * width + k]!;
      f += params.w1!.data[j]! * Math.max(z, 0);
    }
    return (2 * target.data[i]! - 1) * f;
  });
  // One step before the end.
  for (const [i, margin] of margins.entries()) expect(Math.abs(reached[i]! / margin - 1)).toBeLessThan(0.05);
  const [least, most] = [Math.min(...margins), Math.max(...margins)];
  expect(least).toBeGreaterThan(20);
  expect(most / least).toBeLessThan(1.2);
});
