import { type Arrays, graph, input, layersOf } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import { inputName, parameterInputs, parametersOf, parameterValues } from "../../operators/observation-graph.ts";
import type { Defence, VictimSide } from "../../problem.ts";
import { fittedRemoval } from "./fitted-removal.ts";
import { squaredSensitivity } from "./sensitivity.ts";

export interface SoteriaOptions {
  /** Share of the head's features whose gradient is set to zero. */
  readonly rate: number;
}

/**
 * Sets to zero the head's gradient of those features h_i whose perturbation moves a reconstruction most: the smallest ‖∂h_i/∂x‖ / (|h_i| + 0.1), averaged over the batch.
 *
 * Only the head is protected: whoever leaves its gradient out of the matching, or sees an earlier layer, is not hindered. The columns are visible as zeros.
 *
 * @throws ReconError `bad-option`; `no-hidden-layer` for a model without features before a linear head.
 * @see J. Sun et al., "Soteria: Provable Defense against Privacy Leakage in Federated Learning from Representation Perspective", CVPR 2021, algorithm 1.
 */
export function soteria(options: SoteriaOptions): Defence {
  return fittedRemoval("soteria", options, async (victim, rate) => {
    const { weight, scores } = await featureScores(victim);
    const hidden = smallest(scores, Math.round(rate * scores.length));
    return (clean) => withoutColumns(clean, weight, hidden);
  });
}

/** The head's weight and, for every feature that enters it, how far it moves with the data for its size. */
async function featureScores(victim: VictimSide): Promise<{ readonly weight: string; readonly scores: Float64Array }> {
  const { model, params, data, executor, rng } = victim;
  const batch = data.input!.shape[0]!;
  const parameters = parameterInputs(model);
  const x = input(inputName, data.input!.shape);
  const output = model.forward(parametersOf(model, parameters), { input: x }, "eval");
  const head = layersOf(output).at(-1);
  if (head?.kind !== "linear" || head.input === x) {
    throw new ReconError("no-hidden-layer", `${model.name} has no features before a linear head to protect.`);
  }
  const g = graph({ ...parameters, [inputName]: x }, { features: head.input });
  const values = { ...parameterValues(params), [inputName]: data.input! };
  const squares = (await squaredSensitivity(g, values, { executor, rng })).features!;
  const program = await executor.compile(g, { precision: "float64" });
  try {
    const features = (await program.run(values)).features!.data;
    const width = features.length / batch;
    const scores = new Float64Array(width);
    for (let i = 0; i < features.length; i++) {
      scores[i % width]! += Math.sqrt(squares[i]!) / (Math.abs(features[i]!) + 0.1) / batch;
    }
    return { weight: head.weight.replace(/^parameter /, ""), scores };
  } finally {
    await program.dispose();
  }
}

function smallest(scores: Float64Array, count: number): ReadonlySet<number> {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  return new Set(order.slice(0, count));
}

function withoutColumns(clean: Arrays, weight: string, hidden: ReadonlySet<number>): Arrays {
  return Object.fromEntries(
    Object.entries(clean).map(([name, { shape, data }]) => {
      const columns = name === weight ? shape.at(-1)! : 0;
      return [name, { shape, data: data.map((g, k) => (columns > 0 && hidden.has(k % columns) ? 0 : g)) }];
    }),
  );
}
