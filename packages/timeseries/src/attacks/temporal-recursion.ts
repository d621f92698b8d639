import {
  type Applicability,
  type Attack,
  type AttackContext,
  clause,
  conclude,
  fitOf,
  keptEntries,
  knownNoise,
  type Problem,
  type Progress,
  recoveredTargets,
  type Solution,
  unitRoundoff,
} from "@recon/core";
import type { Arrays, NdArray } from "@recon/engine";
import { recoverWindow } from "./temporal-recursion/recover-window.ts";
import { residualBlocks, type TemporalNet } from "./temporal-recursion/residual-blocks.ts";
import type { Signal } from "./temporal-recursion/signal.ts";

/**
 * One window out of a temporal convolutional net, exactly, from the last step of the last block back to the data.
 *
 * Behind the head only the last step counts, so that the error signal there is known; with it, each weight gradient is linear in what entered its layer, and what
 * entered says where the ReLUs let the error go on. Where an inner ReLU hides behind a skip, the bias gradient is a sum over the steps at which it is on, and says at
 * which: `innerErrors`. No step inverts an activation, and no search is made. The systems that are solved have full rank with the switches as they are found, which
 * shows that no other window nearby has this gradient; that none far away has, nothing shows.
 *
 * Takes nets of residual blocks of two causal convolutions with ReLU, as `tcn` without dropout and weight normalisation, a gradient without noise, one window.
 */
export function temporalRecursion(): Attack {
  return {
    name: "temporal-recursion",
    options: {},
    cite: "recursion over layers as of Zhu & Blaschko, R-GAP, ICLR 2021, with the switches of residual branches from their bias gradients",
    needs: ["architecture", "weights", "batchSize"],
    applies,
    run,
  };
}

function applies(problem: Problem): Applicability {
  const { knowledge, model, operator } = problem;
  if (knowledge.batchSize !== 1) return { reason: "it takes one window, and the gradients of several are added up" };
  if (operator.observes === "difference")
    return { reason: "it takes one gradient, and several steps were sent as one" };
  if (Object.keys(model.nuisances ?? {}).length > 0)
    return { reason: "the client left out units that it did not name" };
  if (keptEntries(problem) !== "all" || knownNoise(problem) > 0) return { reason: "the channel changed the gradient" };
  const net = residualBlocks(problem);
  if ("reason" in net) return net;
  const targets = recoveredTargets(problem, 1);
  return "reason" in targets ? targets : true;
}

async function* run(problem: Problem, { executor }: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const net = residualBlocks(problem);
  const targets = recoveredTargets(problem, 1);
  if ("reason" in net || "reason" in targets) return;
  const found = recoverWindow(net, problem);
  const input = windowOf(problem, "value" in found ? found.value : undefined);
  const { residual } = await fitOf(problem, executor, { input, target: targets.value });
  const open = "reason" in found ? clause(found.reason) : missing(found.value, net);
  yield {
    kind: "solution",
    value: { input, target: targets.value },
    residual,
    given: ["architecture", "weights", "batchSize", ...targets.given],
    evaluations: 1,
    trace: [],
    ...conclude(problem, {
      residual,
      samples: 1,
      ...("value" in found && open === undefined && { jacobian: evidence(problem, net, found, input, residual) }),
      ended: open ?? "every step was determined",
    }),
  };
}

/** Steps that no equation holds, a clause; undefined where there are none. */
function missing({ steps }: Signal, net: TemporalNet): string | undefined {
  const count = net.steps - steps.length;
  return count === 0 ? undefined : `${count} of ${net.steps} steps do not reach the head`;
}

/** The window; the blind guess where nothing was found. */
function windowOf({ model, domain }: Problem, found: Signal | undefined): NdArray {
  const { shape } = model.input;
  const data = Float64Array.from(domain.blind(shape).data);
  found?.steps.forEach((t, i) => {
    for (let c = 0; c < found.channels; c++) data[t * found.channels + c] = found.data[c * found.steps.length + i]!;
  });
  return { shape: [1, ...shape], data };
}

/**
 * The Jacobian near the window, with the switches as they are: in the window and the head's error the equations of the first weight gradient are [M, ·; 0, I], so that an
 * error of the observation moves the window by at most (1 + ‖dW‖ / ‖db‖) / σ_min(M) times itself.
 */
function evidence(
  problem: Problem,
  { blocks, head }: TemporalNet,
  { smallest }: { readonly smallest: number },
  input: NdArray,
  residual: number,
): NonNullable<Parameters<typeof conclude>[1]["jacobian"]> {
  const { observation, observationPrecision } = problem;
  const size = lengthOf(observation);
  const first = blocks[0]!.first.weight;
  const share = lengthOf({ first: observation[first]! }) / lengthOf({ error: observation[head.bias]! });
  const unknowns = input.data.length;
  return {
    rank: unknowns,
    unknowns,
    smallestSingularValue: smallest / (1 + share),
    residualNorm: residual * size,
    noiseNorm: unitRoundoff[observationPrecision] * size,
    rms: lengthOf({ input }) / Math.sqrt(unknowns),
  };
}

function lengthOf(arrays: Arrays): number {
  let total = 0;
  for (const { data } of Object.values(arrays)) for (const value of data) total += value * value;
  return Math.sqrt(total);
}
