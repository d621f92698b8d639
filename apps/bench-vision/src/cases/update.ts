import type { BenchCase } from "@recon/bench";
import { fedavg, localTrainingKnowledge, update } from "@recon/core";
import { mlp, powerSpectrum } from "@recon/vision";
import { lenet, photographCase, photographData } from "./photograph-case.ts";

/** The client's protocol is known besides what the server sent; labels are not. */
const common = {
  batch: 4,
  operator: () => update({ steps: 5, rate: 0.01 }),
  known: localTrainingKnowledge,
};
const fullyConnected = {
  ...common,
  id: "update-sgd-k5-mlp-b4",
  model: () => mlp({ sizes: [3072, 64, 10] }, photographData),
  evaluations: 4000,
  attack: () => fedavg(),
};

/** Four photographs behind the change of the weights after five steps on all of them. */
export const updateCases: readonly BenchCase[] = [
  photographCase({ ...fullyConnected, observation: "float64", targets: { psnr_db: ">=100" } }),
  photographCase({ ...fullyConnected, targets: { psnr_db: ">=60" } }),
  photographCase({
    ...common,
    id: "update-sgd-k5-lenet-b4",
    model: lenet,
    attack: () => fedavg({}, [powerSpectrum()]),
    evaluations: 8000,
    targets: { psnr_db: ">=30" },
    judged: "median",
  }),
];
