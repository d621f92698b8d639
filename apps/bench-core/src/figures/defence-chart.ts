import { type ChartCurve, logChart } from "./log-chart.ts";

/** What a chart needs of a line of `defence-table`. */
export interface DefenceLine {
  readonly item: string;
  readonly metric: Readonly<Record<string, number>>;
  readonly floor?: Readonly<Record<string, number>>;
}

/** Errors that are zero but for rounding would stretch the axis over decades that mean nothing. */
const least = 1e-4;

/** Error that the strongest attack leaves against accuracy lost, one curve a defence, for one net and one side. */
export function defenceChart(lines: readonly DefenceLine[], victim: string, told: boolean): string {
  const ending = told ? ", told" : ", not told";
  const own = lines.flatMap(({ item, metric, floor }) => {
    const match = /^(.*): (.*) at ([\d.]+) points(, told|, not told)$/.exec(item);
    if (match === null || match[1] !== victim || match[4] !== ending || metric.mse === undefined) return [];
    return [{ defence: match[2]!, x: Number(match[3]), y: Math.max(least, metric.mse), floor: floor?.mse }];
  });
  const names = [...new Set(own.map(({ defence }) => defence))];
  const curves = names.map(
    (name): ChartCurve => ({
      name,
      points: own.filter(({ defence }) => defence === name).map(({ x, y }) => ({ x, y })),
    }),
  );
  const floor = own.find((line) => line.floor !== undefined)?.floor;
  const xs = [...new Set(own.map(({ x }) => x))];
  const guess =
    floor === undefined ? [] : [{ name: "blind guess", guide: true, points: xs.map((x) => ({ x, y: floor })) }];
  return logChart({
    title: `${victim}, attackers ${told ? "told" : "not told"} of the defence`,
    xLabel: "percentage points of accuracy lost",
    yLabel: "mean squared error left",
    curves: [...curves, ...guess],
  });
}
