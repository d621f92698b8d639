import type { Measurement } from "@recon/bench";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { cases } from "./index.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

async function trialOf(id: string, suite: string): Promise<Measurement[]> {
  const bench = cases.find((one) => one.id === id && one.suite === suite)!;
  const measured: Measurement[] = [];
  const context = { executor, signal: new AbortController().signal, quick: true };
  for await (const one of bench.trial(7, context)) measured.push(one);
  return measured;
}

test("every case is there on both series, and baselines of it are not judged", () => {
  for (const suite of ["sensor-network", "us-births"]) {
    const own = cases.filter((one) => one.suite === suite);
    const ids = own.filter(({ targets }) => Object.keys(targets).length > 0).map(({ id }) => id);
    for (const id of ["fcn-b1", "cnn-b1", "gru-trained-b1", "lstm-trained-b1", "gru-init-b1", "tcn-b1", "fcn-b4"]) {
      expect(ids).toContain(id);
      const beside = own.filter((one) => one.id.startsWith(`${id}/`));
      const searched = ["fcn-b1", "gru-trained-b1", "lstm-trained-b1"].includes(id);
      expect(beside.map((one) => one.id.split("/")[1]).sort()).toEqual(
        searched ? ["dlg-adam", "prior-only", "ts-inverse"] : [],
      );
      for (const one of beside) expect(one.targets).toEqual({});
    }
    expect(ids).toContain("prior-effect");
  }
});

test("a baseline attacks the window of its case, with the same floor", async () => {
  const [[exact], [search]] = [await trialOf("fcn-b1", "us-births"), await trialOf("fcn-b1/dlg-adam", "us-births")];
  expect(exact!.item).toBe(search!.item);
  expect(exact!.floor).toEqual(search!.floor);
  expect(exact!.floorName).toMatch(/^(the week before|blind guess)$/);
  expect(exact!.metric.rmse_x).toBeLessThan(1e-5);
  expect(exact!.given).not.toContain("auxiliaryData");
});
