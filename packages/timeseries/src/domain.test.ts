import { describe, expect, test } from "vitest";
import { isSeriesDomain, seriesDomain } from "./domain.ts";

const columns = [
  { name: "load", unit: "kW", min: 2, max: 6 },
  { name: "outside", unit: "°C", min: -10, max: 30 },
];

describe("the domain of series", () => {
  const domain = seriesDomain({ observed: 3, horizon: 2, columns, period: 2, step: "1 h", mean: [0.25, 0.5] });

  test("says in its options what is public, as JSON", () => {
    expect(JSON.parse(JSON.stringify(domain.options))).toEqual({
      observed: 3,
      horizon: 2,
      columns,
      mean: [0.25, 0.5],
      box: [-0.2, 1.2],
      period: 2,
      step: "1 h",
    });
    expect(domain).toMatchObject({ name: "series", observed: 3, horizon: 2, features: 2, period: 2, columns });
    expect(isSeriesDomain(domain)).toBe(true);
    expect(seriesDomain({ observed: 3, horizon: 2 })).not.toHaveProperty("period");
  });

  test("guesses the mean of every column, and that of the first for a target", () => {
    expect(domain.blind([3, 2])).toEqual({ shape: [3, 2], data: Float32Array.of(0.25, 0.5, 0.25, 0.5, 0.25, 0.5) });
    expect(domain.blindTarget!([2])).toEqual({ shape: [2], data: Float32Array.of(0.25, 0.25) });
    expect(seriesDomain({ observed: 1, horizon: 1 }).blind([1, 1]).data[0]).toBe(0.5);
  });

  test("scores inputs first, and both by three errors", () => {
    expect(domain.metrics.map(({ name }) => name)).toEqual([
      "rmse_x",
      "rmse_y",
      "mae_x",
      "mae_y",
      "smape_x",
      "smape_y",
    ]);
    expect(domain.metrics.map(({ of }) => of)).toEqual(["input", "target", "input", "target", "input", "target"]);
  });

  test("has the box that it is given", () => {
    expect([domain.lower.data[0], domain.upper.data[0]]).toEqual([-0.2, 1.2]);
    const wide = seriesDomain({ observed: 1, horizon: 1, box: [-1, 3] });
    expect([wide.lower.data[0], wide.upper.data[0]]).toEqual([-1, 3]);
  });
});

test.each([
  [{ horizon: 2 }, '"observed" must be'],
  [{ observed: 2 }, '"horizon" must be'],
  [{ observed: 0, horizon: 2 }, '"observed"'],
  [{ observed: 2, horizon: 2, columns: [{ name: "a", unit: "", min: 1, max: 1 }] }, "min below max"],
  [{ observed: 2, horizon: 2, columns, mean: [0.5] }, '"mean" must be a list of 2'],
  [{ observed: 2, horizon: 2, period: 1 }, '"period"'],
  [{ observed: 2, horizon: 2, box: [1, 0] }, "the smaller first"],
  [{ observed: 2, horizon: 2, frequency: 24 }, 'no option "frequency"'],
])("bad options %j are named", (options, message) => {
  expect(() => seriesDomain(options as never)).toThrow(
    expect.objectContaining({ code: "bad-option", message: expect.stringContaining(message) }),
  );
});
