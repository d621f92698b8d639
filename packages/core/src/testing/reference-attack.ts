import { norm } from "../arrays.ts";
import type { Attack, Problem, Progress, Solution } from "../problem.ts";
import { ownResidual } from "./attack-errors.ts";

/**
 * The plainest honest attack, on the reference model and one sample: x = dWᵀ db / |db|² in its first layer, the label from the head's bias.
 *
 * It exists so that the laws of attacks have something right to be tried on.
 */
export function referenceAttack(): Attack {
  return {
    name: "reference division",
    options: {},
    cite: "Phong et al., IEEE Transactions on Information Forensics and Security 13, 2018",
    needs: ["architecture", "batchSize"],
    applies: (problem) =>
      problem.knowledge.batchSize === 1
        ? true
        : { reason: "every row of the first layer mixes the samples of the batch" },
    run,
  };
}

async function* run(problem: Problem): AsyncGenerator<Progress | Solution, void> {
  yield { kind: "progress", evaluations: 0, fraction: 0.5, objective: Number.NaN };
  const weight = problem.observation.w1!;
  const bias = problem.observation.b1!.data;
  const head = Array.from(problem.observation.b2!.data);
  const inputs = weight.shape[1]!;
  const size = norm({ bias: problem.observation.b1! });
  const x = new Float64Array(inputs);
  for (let k = 0; k < bias.length; k++) {
    for (let i = 0; i < inputs && size > 0; i++) x[i]! += (weight.data[k * inputs + i]! * bias[k]!) / size ** 2;
  }
  const label = head.indexOf(Math.min(...head));
  const value = {
    input: { shape: [1, inputs], data: x },
    target: { shape: [1, head.length], data: Float64Array.from(head, (_, k) => Number(k === label)) },
  };
  const residual = ownResidual(problem, value);
  const tolerance = problem.observationPrecision === "float32" ? 1e-4 : 1e-10;
  const fits = `Residual ${residual.toExponential(1)}, tolerance ${tolerance}.`;
  const found = {
    kind: "solution",
    value,
    residual,
    given: ["architecture", "batchSize"],
    evaluations: 1,
    trace: [],
  } as const;
  if (size === 0) {
    const reason = "The first layer's gradient is zero and says nothing of its input.";
    yield { ...found, certificate: { level: "none", reason }, verdict: "not identifiable", reason };
  } else if (residual <= tolerance) {
    yield {
      ...found,
      certificate: { level: "exact", reason: `x = dWᵀ db / |db|². ${fits}` },
      verdict: "recovered",
      reason: fits,
    };
  } else {
    yield { ...found, certificate: { level: "none", reason: fits }, verdict: "budget spent", reason: fits };
  }
}
