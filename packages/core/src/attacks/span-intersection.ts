import { type NdArray, sizeOf } from "@recon/engine";
import { count, norm as sizeOfArrays } from "../arrays.ts";
import type { JacobianEvidence } from "../certificate/certify.ts";
import { residualTolerance } from "../certificate/tolerance.ts";
import type { JacobianPoint } from "../diagnose/jacobian.ts";
import { jacobianEvidence } from "../diagnose/jacobian-evidence.ts";
import { type BatchResult, recoverBatch } from "../exact/span-intersection/recover-batch.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Flag, Model, Problem, Progress, Solution } from "../problem.ts";
import { broadcastValues } from "../solvers/broadcast-values.ts";
import { blindBatch } from "./blind-batch.ts";
import { clause, conclude, type Findings, knownNoise } from "./conclude.ts";
import { pairedTargets, targetsFromCotangents } from "./cotangent-targets.ts";
import { observedCut } from "./cut-layer.ts";
import { fitOf } from "./forward.ts";
import { linearHead } from "./head-target.ts";
import { keptEntries } from "./kept-entries.ts";
import { firstLinearLayer } from "./model-layers.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { withLinearLoss } from "./settled-target.ts";
import { batchSizeOf, givenTargets } from "./targets.ts";

/** How far an entry of a class may be off. */
const almostOne = 1e-3;

/**
 * A whole batch of a fully connected net, with real targets as well as classes: its samples are the points of the first layer's exact span that the later
 * layers map into the spans of their gradients.
 *
 * Works for curved activations and fewer samples than a later layer has inputs; nobody needs to tell the targets.
 *
 * @see Petrov et al., DAGER: Exact Gradient Inversion for Large Language Models, NeurIPS 2024, for the check of candidates against a span; points in place of
 * candidates are ours.
 */
export function spanIntersection(): Attack {
  return takingOneGradient({
    name: "span-intersection",
    options: {},
    cite: "recon; spans of gradients as in Petrov et al., DAGER, NeurIPS 2024, searched by points instead of candidates",
    needs: ["architecture", "weights", "batchSize"],
    applies,
    run,
  });
}

function applies(problem: Problem): Applicability {
  const { model, observation } = problem;
  const batch = batchSizeOf(problem);
  if (batch < 2) return { reason: "one sample needs no spaces to be found in" };
  if (keptEntries(problem) !== "all" || knownNoise(problem) > 0)
    return {
      reason: "the channel changed the gradient's entries, and its rows no longer lie in the span of the samples",
    };
  if (Object.keys(model.nuisances ?? {}).length > 0)
    return { reason: "the client draws anew what its net does, and the spans are those of the net it drew" };
  const first = firstLinearLayer(model);
  if (first === undefined) return { reason: "the data does not enter a linear layer first" };
  if (first.activation.name === "identity")
    return { reason: `no activation follows layer ${first.weight}, so that its spans are the same behind it` };
  if (observation[first.weight] === undefined)
    return { reason: `the observation holds no gradient of ${first.weight}` };
  const head = linearHead(model);
  if (head === undefined || head.weight === first.weight || observation[head.weight] === undefined)
    return { reason: "the net does not end in a second linear layer whose gradient was sent" };
  return true;
}

async function* run(problem: Problem, context: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const { executor, signal } = context;
  const samples = batchSizeOf(problem);
  yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "span intersection" };
  const found = await recovered(problem, context);
  const { input, target, given } = await batchOf(problem, context, found);
  const { residual } = await fitOf(problem, executor, { input, target });
  const findings: Findings = {
    residual,
    samples,
    ...(found.open === true && { undetermined: clause(found.reason) }),
    ended: clause(found.reason),
  };
  const alone = found.value?.ambiguous === false;
  const explained = alone && residual <= toleranceOf(problem) && !signal.aborted;
  const jacobian = explained ? await evidenceAt(problem, context, { input, target }) : undefined;
  yield {
    kind: "solution",
    value: { input, target },
    residual,
    given: [...new Set(["architecture", "weights", "batchSize", ...given])],
    evaluations: 1,
    trace: [],
    ...conclude(problem, { ...findings, ...(jacobian && { jacobian }) }),
  };
}

async function evidenceAt(
  problem: Problem,
  { executor, signal }: AttackContext,
  value: JacobianPoint,
): Promise<JacobianEvidence | undefined> {
  const measured = await jacobianEvidence(problem, executor, value, { signal });
  if (!("rank" in measured)) return undefined;
  return measured;
}

async function recovered(problem: Problem, { executor, rng, signal }: AttackContext): Promise<BatchResult> {
  const { model, domain } = problem;
  const first = firstLinearLayer(model)!;
  const linear = withLinearLoss(problem);
  const cut = observedCut({ ...linear, model: { ...linear.model, lossReduction: "sum" } }, first.weight, executor);
  if ("reason" in cut) return { residual: Number.NaN, assumptions: [], reason: cut.reason };
  const { product, dispose } = executorProduct(executor);
  try {
    return await recoverBatch(
      { ...cut, outputShape: model.target.shape },
      {
        samples: batchSizeOf(problem),
        bounds: {
          lower: broadcastValues(domain.lower, model.input.shape, "lower bound"),
          upper: broadcastValues(domain.upper, model.input.shape, "upper bound"),
        },
        precision: problem.observationPrecision,
        product,
        rng: rng.split("spans"),
        signal,
      },
    );
  } finally {
    await dispose();
    await cut.head.dispose();
  }
}

/** The batch that was found, with its targets; the blind guess where none was. */
async function batchOf(
  problem: Problem,
  { executor }: AttackContext,
  { value }: BatchResult,
): Promise<{ readonly input: NdArray; readonly target: NdArray; readonly given: readonly Flag[] }> {
  const { model } = problem;
  const samples = batchSizeOf(problem);
  const shape = [samples, ...model.input.shape];
  const noTarget = {
    shape: [samples, ...model.target.shape],
    data: new Float64Array(samples * sizeOf(model.target.shape)),
  };
  if (value === undefined) {
    return { input: blindBatch(problem, samples), target: noTarget, given: [] };
  }
  const input = { shape, data: value.inputs.data };
  const known = { inputs: input, cotangents: value.errors, layer: linearHead(model)!.weight };
  const read = await targetsFromCotangents(problem, executor, known);
  if (read !== undefined) return { input, target: asClasses(read, model), given: ["lossKind", "lossReduction"] };
  const told = givenTargets(problem, samples);
  if ("reason" in told || told.value.shape[0] !== samples) return { input, target: noTarget, given: [] };
  return { input, target: await pairedTargets(problem, executor, known, told.value), given: told.given };
}

/** Distributions that are classes but for rounding, as classes. */
function asClasses({ shape, data }: NdArray, { target }: Model): NdArray {
  if (target.kind !== "distribution") return { shape, data };
  const rounded = Float64Array.from(data, Math.round);
  const whole = rounded.every((value, i) => (value === 0 || value === 1) && Math.abs(value - data[i]!) <= almostOne);
  return whole ? { shape, data: rounded } : { shape, data };
}

function toleranceOf({ observation, observationPrecision }: Problem): number {
  return residualTolerance({
    precision: observationPrecision,
    noiseStd: 0,
    entries: count(observation),
    norm: sizeOfArrays(observation),
  });
}
