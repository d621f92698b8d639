import { expect, test } from "vitest";
import { run, selectCases } from "./run.ts";

const options = { json: true, quick: true, seeds: 2, threads: 1, version: "0.0.0" };

test("prints a line a seed and a summary in the benchmark form", async () => {
  const lines: string[] = [];
  const outcome = await run({ ...options, cases: ["lenet"] }, (line) => lines.push(line));
  expect(outcome.failed).toBe(0);
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed.map((line) => line.case)).toEqual(["lenet", "lenet", "lenet"]);
  expect(parsed.map((line) => line.item)).toEqual(["1", "2", undefined]);
  for (const { metric, target, met, versions } of parsed.slice(0, 2)) {
    expect(Object.keys(metric).sort()).toEqual(
      ["gflop", "matmul_ratio", "ms", "nodes_after", "nodes_before", "peak_share", "runs"].sort(),
    );
    expect(metric.ms).toBeGreaterThan(0);
    expect(metric.nodes_after).toBeLessThan(metric.nodes_before);
    expect(target).toEqual({ ms: "<=1.1" });
    expect(met).toBe(metric.ms <= 1.1);
    expect(versions).toMatchObject({ recon: "0.0.0", engine: "onnxruntime cpu", threads: 1 });
  }
  expect(parsed[2]).toMatchObject({ summary: true, items: 2 });
  const [low, high] = parsed[2].interval.ms;
  expect(low).toBeLessThanOrEqual(high);
});

test("an unknown case is refused with the names there are", () => {
  expect(() => selectCases(["lenet", "resnet"])).toThrow(/resnet.*mlp, lenet, conv7/);
});
