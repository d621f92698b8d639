import type { Executor } from "@recon/engine";
import { norm } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import { unitRoundoff } from "../exact/result.ts";
import { checkOptions, oneOf, positive } from "../options.ts";
import type {
  Applicability,
  Attack,
  AttackContext,
  LocalTraining,
  Prior,
  Problem,
  Progress,
  Solution,
} from "../problem.ts";
import { blindBatch } from "./blind-batch.ts";
import { clause, conclude } from "./conclude.ts";
import { continuousInput } from "./continuous-input.ts";
import { flagsUsed } from "./fedavg/flags-used.ts";
import { latentSearch, probableGenerator } from "./fedavg/latent-search.ts";
import { searchSteps } from "./fedavg/search-steps.ts";
import { type SpanFound, spanStart } from "./fedavg/span-start.ts";
import { summedGradients } from "./fedavg/surrogate.ts";
import { fitOf } from "./forward.ts";
import { batchSizeOf } from "./targets.ts";

export interface FedavgOptions {
  /**
   * How the search sees the local steps: `unrolled`, through all of them, or `surrogate`, as one gradient at the middle of the way, which costs a K-th. Unrolled
   * unless said.
   */
  readonly steps?: "unrolled" | "surrogate";
  /** Adam's step in the search, in units of the input; .1 unless said. */
  readonly rate?: number;
  /** `direct`: nothing but what needs no search. `search`: nothing but that. Both, one after the other, unless said. */
  readonly only?: "direct" | "search";
}

type Settled = Required<Pick<FedavgOptions, "steps" | "rate">> & Pick<FedavgOptions, "only">;

/**
 * The data behind a difference of weights after K local steps of gradient descent.
 *
 * First what needs no search: a layer that the data enters adds Δₜᵀ X at every step, so that its whole change spans the inputs; each neuron that a sample left off at
 * every step tells it from the others, and least squares through all steps settles labels and rounding. Where that does not apply, a search: for the most probable
 * free variables of a generator by Gauss-Newton, where that is the one prior and the steps are unrolled; else one that matches the change by its cosine, through all steps or at the
 * surrogate's.
 *
 * @throws ReconError `bad-option`.
 * @see Dimitrov, Balunović, Konstantinov & Vechev, Data Leakage in Federated Averaging, TMLR 2022, for unrolled steps; Zhu, Yao & Blaschko, Surrogate Model
 * Extension (SME): A Fast and Accurate Weight Update Attack on Federated Learning, ICML 2023, for the surrogate.
 */
export function fedavg(options: FedavgOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("fedavg", options, {
    steps: oneOf(["unrolled", "surrogate"]),
    rate: positive(),
    only: oneOf(["direct", "search"]),
  });
  const { steps = "unrolled", rate = 0.1, only } = options;
  const settled = { steps, rate, ...(only && { only }) };
  return {
    name: "fedavg",
    options: { ...settled, priors: priors.map(({ name }) => name) },
    cite: "Dimitrov et al., Data Leakage in Federated Averaging, TMLR 2022; Zhu, Yao & Blaschko, Surrogate Model Extension, ICML 2023",
    needs: ["architecture", "weights", "batchSize"],
    applies,
    run: (problem, context) => run(problem, context, settled, priors),
  };
}

function applies(problem: Problem): Applicability {
  const { operator, knowledge } = problem;
  if (operator.localTraining === undefined)
    return { reason: "it takes the change of the weights over local steps of gradient descent" };
  const untold = operator
    .localTraining(batchSizeOf(problem))
    .describedBy.filter((flag) => knowledge[flag] === undefined);
  if (untold.length > 0)
    return { reason: `it needs to be told ${untold.join(", ")}, which the local steps were taken with` };
  return continuousInput(problem);
}

async function* run(
  problem: Problem,
  context: AttackContext,
  settled: Settled,
  priors: readonly Prior[],
): AsyncGenerator<Progress | Solution, void> {
  const training = problem.operator.localTraining?.(batchSizeOf(problem));
  if (training === undefined) throw new ReconError("attack-does-not-apply", "fedavg needs a change of weights.");
  if (nothingButDecay(problem, training)) {
    const moved =
      training.drift === 0 ? "the weights did not change" : "the weights changed by nothing but their decay";
    yield guess(problem, training, `${moved}, so every sample fits that leaves no gradient`, true);
    return;
  }
  yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "fedavg: span of the inputs" };
  const found: SpanFound | { readonly reason: string } =
    settled.only === "search"
      ? { reason: "it was not tried" }
      : await spanStart(problem, training, { ...context, rng: context.rng.split("span") });
  let direct: Solution | undefined;
  if (!("reason" in found)) {
    direct = await solutionOf(problem, training, context.executor, found);
    if (direct.verdict === "recovered" || found.exhausted || context.signal.aborted || settled.only === "direct") {
      yield direct;
      return;
    }
  } else if (settled.only === "direct") {
    yield guess(problem, training, found.reason, false);
    return;
  }
  const because = "reason" in found ? found.reason : clause(direct!.reason);
  const spent = direct?.evaluations ?? 0;
  const budget = { ...context.budget, evaluations: Math.max(2, context.budget.evaluations - spent) };
  const generator = settled.steps === "unrolled" && priors.length === 1 ? probableGenerator(priors) : undefined;
  const search =
    generator !== undefined && problem.model.target.kind === "distribution"
      ? latentSearch(problem, training, { ...context, budget }, generator)
      : searchSteps(problem, training, { ...context, budget }, settled, priors);
  for await (const event of search) {
    if (event.kind === "progress") yield event;
    else {
      const better = direct !== undefined && direct.residual <= event.residual ? direct : event;
      const evaluations = spent + event.evaluations;
      yield {
        ...better,
        evaluations,
        ...(settled.only === undefined && { explanation: `Without a search: ${because}.` }),
      };
    }
  }
}

/** Whether the gradients of all steps add up to no more than what decay is rounded by. */
function nothingButDecay(problem: Problem, training: LocalTraining): boolean {
  const rounding = unitRoundoff[problem.observationPrecision] * Math.abs(training.drift) * norm(problem.params);
  return norm(summedGradients(problem, training)) <= rounding;
}

async function solutionOf(
  problem: Problem,
  training: LocalTraining,
  executor: Executor,
  found: SpanFound,
): Promise<Solution> {
  const { input, target, layer, evaluations } = found;
  const { residual } = await fitOf(problem, executor, { input, target });
  return {
    kind: "solution",
    value: { input, target },
    residual,
    given: flagsUsed(problem, training, ["lossKind", "lossReduction"]),
    evaluations,
    trace: [],
    ...conclude(problem, {
      residual,
      samples: input.shape[0]!,
      identity: {
        name: `the unmixing of layer ${layer} by the neurons that each sample left off at every step`,
        symmetry: "the order of the samples within a step",
      },
      ended: found.exhausted
        ? `the budget was spent on least squares from the span of layer ${layer}, to ${found.misfit.toPrecision(2)} times the accuracy of the observation`
        : `the samples were unmixed at layer ${layer}, to ${found.misfit.toPrecision(2)} times the accuracy of the observation`,
    }),
  };
}

/** What is handed back where nothing was found: the blind guess. `proven` where it is known that the update shows nothing. */
function guess(problem: Problem, training: LocalTraining, why: string, proven: boolean): Solution {
  const { model } = problem;
  const batch = batchSizeOf(problem);
  const shape = [batch, ...model.target.shape];
  const even = model.target.kind === "distribution" ? 1 / shape.at(-1)! : 0;
  const target = new Float64Array(shape.reduce((n, extent) => n * extent, 1)).fill(even);
  const residual = Number.NaN;
  return {
    kind: "solution",
    value: { input: blindBatch(problem, batch), target: { shape, data: target } },
    residual,
    given: flagsUsed(problem, training, []),
    evaluations: 0,
    trace: [],
    ...conclude(problem, { residual, samples: batch, ...(proven && { undetermined: why }), ended: why }),
  };
}
