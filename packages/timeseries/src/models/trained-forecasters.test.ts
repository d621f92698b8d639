import { type Item, type Model, type OpenData, rng, stack, trainModel } from "@recon/core";
import { type Arrays, graph, onnxruntime, input as symbol } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { sensorNetwork } from "../data/sensor-network.ts";
import { gru } from "./gru.ts";
import { tcn } from "./tcn.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const source = sensorNetwork({ observed: 16, horizon: 4 });
const opened = await source.open();
const shape = { input: [16, 1], classes: 4 };
const items = (of: Pick<OpenData, "size" | "item">): Promise<Item[]> =>
  Promise.all(Array.from({ length: of.size }, (_, i) => of.item(i)));
const [seen, held] = [await items(opened.training!), await items(opened)];

async function lossOn(model: Model, weights: Arrays): Promise<number> {
  const arrays = {
    ...weights,
    input: stack(held.map(({ input }) => input)),
    target: stack(held.map(({ target }) => target)),
  };
  const symbols = Object.fromEntries(Object.entries(arrays).map(([name, of]) => [name, symbol(name, of.shape)]));
  const batch = { input: symbols.input!, target: symbols.target! };
  const loss = model.loss(model.forward(symbols, batch, "eval"), batch);
  const program = await executor.compile(graph(symbols, { loss }));
  return (await program.run(arrays)).loss!.data[0]!;
}

/** The loss of whoever forecasts the mean of the training part. */
function lossOfMean(): number {
  const guess = source.domain.blindTarget!([4]).data[0]!;
  const squares = held.flatMap(({ target }) => Array.from(target.data, (value) => (value - guess) ** 2));
  return squares.reduce((total, value) => total + value, 0) / squares.length;
}

test("300 steps on the first part of a series forecast its last part better than the mean, and equal seeds train equally", async () => {
  const model = gru({ hidden: 32 }, shape);
  const options = { items: seen, steps: 300, executor, rng: rng("train") };
  const weights = await trainModel(model, options);
  const trained = await lossOn(model, weights);
  expect(trained).toBeLessThan(0.2 * lossOfMean());
  const start = await trainModel(model, { ...options, steps: 0 });
  expect(start).toEqual(model.init(rng("train").split("weights")));
  expect(trained).toBeLessThan(0.5 * (await lossOn(model, start)));
  const few = { ...options, steps: 5 };
  expect(await trainModel(model, few)).toEqual(await trainModel(model, few));
  const other = await trainModel(model, { ...few, rng: rng("other") });
  expect(other["head.bias"]).not.toEqual((await trainModel(model, few))["head.bias"]);
});

test("masks of dropout are drawn anew for every step, the same ones under the same seed", async () => {
  const options = { items: seen.slice(0, 4), steps: 1, batch: 4, executor, rng: rng("train") };
  const [without, dropped] = [{}, { dropout: 0.5 }].map((own) =>
    tcn({ hidden: 4, layers: 1, kernel: 2, ...own }, shape),
  );
  const trained = await trainModel(dropped!, options);
  expect(await trainModel(dropped!, options)).toEqual(trained);
  expect(await trainModel(without!, options)).not.toEqual(trained);
  const masks = new Set<string>();
  const name = "dropout of blocks.0.conv1";
  const one = dropped!.nuisances![name]!;
  const watched = {
    ...dropped!,
    nuisances: {
      ...dropped!.nuisances,
      [name]: {
        ...one,
        draw: (...args: Parameters<typeof one.draw>) => {
          const mask = one.draw(...args);
          masks.add(mask.data.join());
          return mask;
        },
      },
    },
  };
  await trainModel(watched, { ...options, steps: 3 });
  expect(masks.size).toBe(3);
});
