import { type AuditCaseOptions, auditCase, type BenchCase } from "@recon/bench";
import { analytic, gaussianNoise, layerRecursion, type Model } from "@recon/core";
import { idlg, invertingGradients, leNetZhu, maximumAPosteriori, mlp, photographs } from "@recon/vision";

const data = { input: [3, 32, 32], classes: 10 };
const lenet = (): Model => leNetZhu({}, data);
const noise = () => [gaussianNoise({ rel_noise: 0.1 })];

/** Photographs, one a gradient, float32. */
function photographCase(options: Omit<AuditCaseOptions, "suite" | "source">): BenchCase {
  return auditCase({
    suite: "core",
    source: () => photographs({ size: 32 }),
    derived: (metric, floor) => ({ psnr_gain_db: (metric.psnr_db ?? Number.NaN) - (floor.psnr_db ?? Number.NaN) }),
    ...options,
  });
}

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [
  photographCase({
    id: "mlp-b1",
    model: () => mlp({ sizes: [3072, 1024, 1024, 10] }, data),
    attack: () => analytic(),
    evaluations: 1,
    targets: { psnr_db: ">=100", seconds: "<=3" },
  }),
  photographCase({
    id: "lenet-b1",
    model: lenet,
    attack: () => layerRecursion(),
    evaluations: 1,
    targets: { psnr_db: ">=100", seconds: "<=3" },
  }),
  photographCase({ id: "lenet-b1/idlg", model: lenet, attack: () => idlg({ restarts: 1 }), evaluations: 1500 }),
  photographCase({
    id: "lenet-b1/inverting-gradients",
    model: lenet,
    attack: () => invertingGradients(),
    evaluations: 1500,
  }),
  photographCase({
    id: "lenet-noise",
    model: lenet,
    attack: () => maximumAPosteriori(),
    defences: noise,
    evaluations: 3000,
    targets: { psnr_gain_db: ">=3" },
  }),
  photographCase({
    id: "lenet-noise/inverting-gradients",
    model: lenet,
    attack: () => invertingGradients(),
    defences: noise,
    evaluations: 3000,
  }),
];
