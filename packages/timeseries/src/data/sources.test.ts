import { type DataSource, floorOf, type Item } from "@recon/core";
import { describe, expect, test } from "vitest";
import { seattle } from "./seattle.ts";
import { sensorNetwork } from "./sensor-network.ts";
import type { SeriesSource } from "./series-source.ts";
import { sp500 } from "./sp500.ts";
import { usBirths } from "./us-births.ts";

async function allItems(source: DataSource): Promise<readonly Item[]> {
  const data = await source.open();
  return Promise.all(Array.from({ length: data.size }, (_, i) => data.item(i)));
}

/** An item's values in their own units. */
function real(source: SeriesSource, item: Item): { readonly input: number[]; readonly target: number[] } {
  const { min, max } = source.domain.columns[0]!;
  const back = (data: ArrayLike<number>): number[] => Array.from(data, (value) => min + value * (max - min));
  return { input: back(item.input.data), target: back(item.target.data) };
}

test("births are those of the days that they are named for", async () => {
  const source = usBirths();
  const [first] = await allItems(source);
  // 7305 days, of which the last 2192 (30 %, rounded) begin on the first day of 1983.
  expect(first!.id).toBe("us-births 1983-01-01");
  expect(first!.input.shape).toEqual([56, 1]);
  expect(first!.target.shape).toEqual([14]);
  // The file's rows of 1 to 5 January 1983 and of 26 February, 56 days later.
  const { input, target } = real(source, first!);
  expect(input.slice(0, 5).map(Math.round)).toEqual([8174, 8085, 9523, 10094, 9966]);
  expect(Math.round(target[0]!)).toBe(8869);
  expect(source.domain.columns).toEqual([{ name: "births", unit: "", min: 6675, max: 12466 }]);
  expect(source.domain.period).toBe(7);
});

test("the sensor's steps are means of three readings", async () => {
  const source = sensorNetwork();
  const [first] = await allItems(source);
  expect(first!.id).toBe("sensor-network mote 2, reading 3091");
  const raw = sensorNetwork({ readings: 1, training: 3090 / 4417, audit: 1327 / 4417 });
  const [same] = await allItems(raw);
  expect(same!.id).toBe("sensor-network mote 2, reading 3091");
  const { input } = real(raw, same!);
  const mean = (input[0]! + input[1]! + input[2]!) / 3;
  expect(real(source, first!).input[0]).toBeCloseTo(mean, 4);
  const both = sensorNetwork({ columns: ["temperature", "humidity"], mote: 3 });
  expect(both.domain.columns.map(({ name, unit }) => `${name} ${unit}`)).toEqual(["temperature °C", "humidity %"]);
  expect((await allItems(both))[0]!.input.shape).toEqual([96, 2]);
});

test("temperatures and the index", async () => {
  const normals = await allItems(seattle());
  expect(normals[0]!.id).toBe("seattle 2010-09-13T12:00");
  expect(normals[0]!.guess!.name).toBe("the day before");
  const index = sp500({ stride: 50 });
  const [first] = await allItems(index);
  expect(first!.id).toBe("sp500 2014-03-19");
  // The close of that day.
  expect(real(index, first!).input[0]).toBeCloseTo(1860.77, 1);
  expect(first!.guess!.name).toBe("the value before");
  expect(index.domain).not.toHaveProperty("period");
});

describe.each([
  ["us-births", () => usBirths(), 304, 5045],
  ["sensor-network", () => sensorNetwork(), 251, 839],
  ["sensor-network, two columns", () => sensorNetwork({ columns: ["humidity", "temperature"] }), 251, 839],
  ["sensor-network, mote 4", () => sensorNetwork({ mote: 4 }), 313, 985],
  ["seattle", () => seattle(), 102, 5940],
  ["sp500", () => sp500(), 1341, 3383],
] as const)("%s", (_, make, size, training) => {
  test("fits its box, is larger than its floor, and says where it is from", async () => {
    const source = make();
    const data = await source.open();
    expect([data.size, data.training!.size, data.skipped.length]).toEqual([size, training, 0]);
    const items = await allItems(source);
    const [lower, upper] = [source.domain.lower.data[0]!, source.domain.upper.data[0]!];
    const arrays = items.flatMap(({ input, target }) => [input.data, target.data]);
    expect(arrays.every((values) => values instanceof Float32Array)).toBe(true);
    expect(arrays.every((values) => values.every((value) => value >= lower && value <= upper))).toBe(true);
    expect(source.card.licence).not.toBe("");
    expect(JSON.parse(JSON.stringify(source.options))).toEqual(source.options);
    const floors = items.map((item) => floorOf(item, source.domain).scores.rmse_x!);
    const blind = items.map(({ input, target }) => floorOf({ input, target }, source.domain).scores.rmse_x!);
    expect(floors.every((floor, i) => floor <= blind[i]!)).toBe(true);
    // Knowing what came before is worth something on the whole, for every one of these.
    expect(mean(floors)).toBeLessThan(0.6 * mean(blind));
  });
});

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
