import { expect, test } from "vitest";
import { defenceChart } from "./defence-chart.ts";

const line = (item: string, mse?: number) => ({
  item,
  metric: { ...(mse !== undefined && { mse }) },
  floor: { mse: 0.8 },
});
const lines = [
  line("lenet: sign at 0.5 points, told", 0.1),
  line("lenet: sign at 5 points, told", 0.3),
  line("lenet: dropout at 5 points, told"),
  line("lenet: sign at 5 points, not told", 0.5),
  line("lenet: dp-sgd at epsilon 8, told", 0.7),
  line("two-layer: quantise at 5 points, told", 0.2),
];

test("draws the cells of one net and one side, and the blind guess", () => {
  const chart = defenceChart(lines, "lenet", true);
  expect(chart.match(/<circle/g)).toHaveLength(2);
  expect(chart).toContain(">sign<");
  expect(chart).toContain(">blind guess<");
  for (const absent of ["quantise", "dropout", "dp-sgd"]) expect(chart).not.toContain(absent);
});
