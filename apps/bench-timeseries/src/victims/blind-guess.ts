import { type Attack, type EnergyPrior, fitOf } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** The best guess of a prior, or else of the domain, that never looks at the observation: where searches start, and a control. */
export function blindGuess(prior?: EnergyPrior): Attack {
  return {
    name: "prior-only",
    options: { prior: prior?.name ?? "blind guess" },
    cite: "a control: the best guess of a prior",
    needs: ["architecture", "batchSize"],
    applies: () => true,
    async *run(problem, { executor, rng }) {
      const { domain, model, knowledge } = problem;
      const batch = knowledge.batchSize as number;
      const [inputs, targets] = [model.input.shape, model.target.shape];
      const input = prior?.blind?.([batch, ...inputs], rng) ?? repeated(domain.blind(inputs), batch);
      const value = { input, target: repeated(domain.blindTarget!(targets), batch) };
      const { residual } = await fitOf(problem, executor, value);
      yield {
        kind: "solution",
        value,
        residual,
        given: ["architecture", "batchSize"],
        evaluations: 1,
        trace: [],
        certificate: { level: "none", reason: "it never looks at the observation" },
        verdict: "budget spent",
        reason: "A guess that never looks at the observation.",
      };
    },
  };
}

function repeated({ shape, data }: NdArray, batch: number): NdArray {
  return {
    shape: [batch, ...shape],
    data: Float64Array.from({ length: batch * data.length }, (_, i) => data[i % data.length]!),
  };
}
