import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onnxruntime } from "@recon/engine";
import { type ChartCurve, logChart } from "./log-chart.ts";
import { type FigurePoint, figurePoints, figures } from "./tensor-errors.ts";

const [folder = "docs/benchmarks", count = "5"] = process.argv.slice(2);
const seeds = Number(count);
if (!Number.isInteger(seeds) || seeds < 1) {
  console.error(`The number of seeds is ${count}. Give a folder and a whole number of at least 1.`);
  process.exit(2);
}

const target = resolve(folder);
mkdirSync(target, { recursive: true });
const executor = onnxruntime();
const all: FigurePoint[] = [];
for (const figure of figures) {
  const points: FigurePoint[] = [];
  for await (const point of figurePoints(figure, seeds, executor)) points.push(point);
  const axis = axisOf(figure.name);
  const names = [...new Set(points.map(({ curve }) => curve))];
  const medians = names.map((name): ChartCurve => {
    const own = points.filter(({ curve, rms }) => curve === name && rms > 0);
    const places = [...new Set(own.map(axis.of))];
    return { name, points: places.map((x) => ({ x, y: median(own.filter((point) => axis.of(point) === x)) })) };
  });
  const chart = logChart({
    title: `${axis.title}, median of ${seeds} draws`,
    xLabel: axis.label,
    yLabel: "rms error",
    curves: [...medians, ...rate(medians, axis.power)],
  });
  writeFileSync(join(target, `${figure.name}.svg`), chart);
  all.push(...points);
  for (const { name, points: own } of medians) {
    console.log(
      `${figure.name}  ${name.padEnd(28)} ${own.map(({ x, y }) => `${x}: ${y.toExponential(1)}`).join("  ")}`,
    );
  }
}
writeFileSync(join(target, "tensor-figures.jsonl"), all.map((point) => `${JSON.stringify(point)}\n`).join(""));
await executor.dispose();

interface Axis {
  readonly title: string;
  readonly label: string;
  readonly of: (point: FigurePoint) => number | string;
  /** The theorem's rate along this axis, √(d / m); absent for categories. */
  readonly power?: number;
}

function axisOf(name: string): Axis {
  const axes: Readonly<Record<string, Axis>> = {
    "tensor-error-m": { title: "tanh, B = 4, d = 50", label: "m, neurons", of: ({ m }) => m, power: -0.5 },
    "tensor-error-d": { title: "x² + x³, B = 2, m = 8000", label: "d, inputs", of: ({ d }) => d, power: 0.5 },
  };
  const byActivation: Axis = {
    title: "B = 4, d = 50, m = 4000",
    label: "activation",
    of: ({ activation }) => activation,
  };
  return axes[name] ?? byActivation;
}

/** The theorem's rate as a line through the last point of the paper's method from the first layer's gradient. */
function rate(curves: readonly ChartCurve[], power: number | undefined): ChartCurve[] {
  const paper = curves.find(({ name }) => name === "paper, first-layer gradient")?.points;
  const last = paper?.at(-1);
  if (power === undefined || paper === undefined || last === undefined) return [];
  const points = paper.map(({ x }) => ({ x, y: last.y * (Number(x) / Number(last.x)) ** power }));
  return [{ name: "the theorem's rate, √(d / m)", points, guide: true }];
}

function median(points: readonly FigurePoint[]): number {
  const sorted = points.map(({ rms }) => rms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
