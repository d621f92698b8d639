import { expect, test } from "vitest";
import { seattle } from "../../data/seattle.ts";
import { sensorNetwork } from "../../data/sensor-network.ts";
import { sp500 } from "../../data/sp500.ts";
import { usBirths } from "../../data/us-births.ts";
import { curveOf } from "./curve-of.ts";
import { fitGaussianProcess } from "./fit-gaussian-process.ts";
import { fitTails } from "./fit-tails.ts";
import { gaussianProcess } from "./gaussian-process.ts";
import { type PublicSeries, publicFits, publicTails } from "./public-fits.ts";

test.each([usBirths(), sensorNetwork(), seattle(), sp500()])(
  "$name: the shipped numbers are those of a fit to its training part",
  async (source) => {
    const training = (await source.open()).training!;
    const windows = await Promise.all(
      Array.from({ length: training.size }, async (_, i) => curveOf(await training.item(i))),
    );
    const { period } = source.domain;
    const { prior } = await fitGaussianProcess(windows, period === undefined ? {} : { period });
    const shipped = gaussianProcess(publicFits[source.name as PublicSeries]).options;
    expect(Object.keys(shipped).sort()).toEqual(Object.keys(prior.options).sort());
    for (const [name, value] of Object.entries(prior.options)) {
      const other = shipped[name as keyof typeof shipped];
      if (typeof value === "number")
        expect(other as number, name).toBeCloseTo(value, 2 - Math.round(Math.log10(value || 1)));
      else expect(other, name).toEqual(value);
    }
    const { degrees, scale } = fitTails(gaussianProcess(publicFits[source.name as PublicSeries]), windows);
    expect(publicTails[source.name as PublicSeries]).toEqual({ degrees, scale });
  },
  60_000,
);
