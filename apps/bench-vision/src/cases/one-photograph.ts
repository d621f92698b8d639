import type { BenchCase } from "@recon/bench";
import { analytic, layerRecursion } from "@recon/core";
import { idlg, invertingGradients, mlp } from "@recon/vision";
import { lenet, photographCase, photographData } from "./photograph-case.ts";

/** One photograph behind its gradient as it is. */
export const onePhotographCases: readonly BenchCase[] = [
  photographCase({
    id: "mlp-b1",
    model: () => mlp({ sizes: [3072, 1024, 1024, 10] }, photographData),
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
];
