import type { BenchCase } from "@recon/bench";
import { gaussNewton } from "@recon/core";
import { gru, lstm } from "@recon/timeseries";
import { withAuxiliaryData } from "../victims/with-auxiliary-data.ts";
import { type ForecasterCases, forecasterCases } from "./forecaster-cases.ts";
import { identifiedSteps } from "./identified-steps.ts";

const attack: ForecasterCases["attack"] = ({ prior }) => withAuxiliaryData(gaussNewton({}, [prior()]));
/** Trained nets remember enough for the steps that leap to be told from those that go on as expected. */
const heavyTailed: ForecasterCases["attack"] = (series) => withAuxiliaryData(gaussNewton({}, [series.heavyTailed()]));

/** Half-trained: 300 steps on the public part of the series. */
const training = { steps: 300, batch: 32, rate: 0.001 };
const targets = { rmse_y: "<=0.00001", rmse_x: "<=0.03", seconds: "<=60" } as const;

const steps = { float32: identifiedSteps(), float64: identifiedSteps() };

/** Recurrent forecasters: what their gradient gives away of early steps depends on how far they were trained. */
export const recurrentCases: readonly BenchCase[] = [
  ...forecasterCases({
    id: "gru-trained-b1",
    model: (shape) => gru({}, shape),
    attack: heavyTailed,
    training,
    targets,
    baselines: true,
  }),
  ...forecasterCases({
    id: "lstm-trained-b1",
    model: (shape) => lstm({}, shape),
    attack: heavyTailed,
    training,
    targets,
    baselines: true,
  }),
  ...(["float32", "float64"] as const).flatMap((observation) =>
    forecasterCases({
      id: "gru-init-b1",
      model: (shape) => gru({}, shape),
      attack: (series) => steps[observation].watched(attack(series), series.prior()),
      metrics: steps[observation].metrics,
      observation,
      // About the last 15 of 96 steps can be told from float32, 55 from float64.
      targets: { rmse_identified: "<=0.02", identified: observation === "float32" ? ">=10" : ">=30" },
      seeds: observation === "float32" ? 5 : 2,
      // Fits at float64 end in many bends of the valley before one that reaches the steps that it can tell.
      ...(observation === "float64" && { evaluations: 50_000 }),
    }),
  ),
];
