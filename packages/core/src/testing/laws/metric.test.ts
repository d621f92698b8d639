import type { NdArray } from "@recon/engine";
import { expectCaught } from "../mutants/expect-caught.ts";
import { meanSquaredError, metricMutants } from "../mutants/metric.ts";
import { testMetric } from "../test-metric.ts";
import { metricLaws } from "./metric.ts";

const shape = [4, 3];
const shift = ({ shape, data }: NdArray): NdArray => ({ shape, data: Float64Array.from(data, (value) => value + 1) });

testMetric(meanSquaredError, { shape });

expectCaught(metricLaws, metricMutants, { shape, invariant: { shift } });
