import type { Metric } from "../problem.ts";
import { type MetricLawOptions, metricLaws } from "./laws/metric.ts";
import { register } from "./register.ts";

/** Registers the laws of metrics as tests: perfect is best, far is worse than near, declared invariances, determinism. */
export function testMetric(make: () => Metric, options: MetricLawOptions): void {
  register(`laws of the metric ${make().name}`, metricLaws, make, options);
}
