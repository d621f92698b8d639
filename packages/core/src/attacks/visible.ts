import type { NdArray } from "@recon/engine";
import { norm } from "../arrays.ts";
import { exactly } from "../defences/channel/entry-bounds.ts";
import { composeDefences } from "../defences/compose.ts";
import { ReconError } from "../errors.ts";
import { unitRoundoff } from "../exact/result.ts";
import { compiledActivation } from "../exact/tensor/activation-function.ts";
import { activationShape } from "../exact/tensor/activation-shape.ts";
import type { BoundedBlock } from "../exact/visible/bounded-block.ts";
import { knownJacobian } from "../exact/visible/known-jacobian.ts";
import { type BoundedValue, recoverBounded } from "../exact/visible/recover-bounded.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { appendColumn, matrix } from "../linear-algebra/matrix.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import { norm as length } from "../linear-algebra/vector.ts";
import type {
  Applicability,
  Attack,
  AttackContext,
  EntryBounds,
  Flag,
  Problem,
  Progress,
  Solution,
} from "../problem.ts";
import { clause, conclude, type Findings, knownNoise } from "./conclude.ts";
import { pairedTargets, targetsFromCotangents } from "./cotangent-targets.ts";
import { fitOf } from "./forward.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { givenTargets } from "./targets.ts";
import { firstTwoLayers, type TwoLayers } from "./two-layer-block.ts";

export interface VisibleEntriesOptions {
  /** Starts of the search, 8 unless said. */
  readonly restarts?: number;
  /**
   * `bounds` unless said: entries as the channel leaves them. `as-sent` takes every entry at its face value, zeros of a mask included: the same search
   * by an attacker who ignores the channel, for comparison.
   */
  readonly entries?: "bounds" | "as-sent";
}

/**
 * A whole batch from what a channel leaves visible of the first layer's gradient: entries that survived pruning or clipping, by value, and the intervals
 * in which all others lie, after rounding, signs, clipping or pruning by magnitude.
 *
 * The start is the tensor method's, in a span that does not depend on what was done to the entries; Levenberg–Marquardt then fits values and bounds. For
 * a linear layer, an activation with curvature, and a linear layer with one output.
 *
 * @throws ReconError `bad-option`.
 * @see Wang, Lee & Lei, Reconstructing Training Data from Model Gradient, Provably, AISTATS 2023, for the tensor; the fit to bounds is ours.
 */
export function visibleEntries(options: VisibleEntriesOptions = {}): Attack {
  const { restarts, entries, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ReconError("bad-option", `visible-entries: there is no option "${unknown}". Allowed: entries, restarts.`);
  }
  if (restarts !== undefined && !(Number.isSafeInteger(restarts) && restarts > 0)) {
    throw new ReconError(
      "bad-option",
      `visible-entries: option "restarts" must be 1 or more, not ${String(restarts)}.`,
    );
  }
  if (entries !== undefined && entries !== "bounds" && entries !== "as-sent") {
    throw new ReconError(
      "bad-option",
      `visible-entries: option "entries" must be bounds or as-sent, not ${JSON.stringify(entries)}.`,
    );
  }
  return takingOneGradient({
    name: "visible-entries",
    options: { ...options },
    cite: "Wang, Lee & Lei, Reconstructing Training Data from Model Gradient, Provably, AISTATS 2023",
    needs: ["architecture", "weights", "batchSize", "defenceKind", "defenceParams"],
    applies,
    run: (problem, context) => run(problem, context, options),
  });
}

function applies(problem: Problem): Applicability {
  const layers = firstTwoLayers(problem);
  if ("reason" in layers) return layers;
  const { channel } = composeDefences(problem.defences);
  if (channel === undefined)
    return { reason: "no channel changed the observation, so nothing has to be read off bounds" };
  if (channel.preimage === undefined) return { reason: "the channel adds noise that leaves no bounds on an entry" };
  const { first, second } = layers;
  const unseen = [first.weight, first.bias].find(
    (name) => name !== undefined && problem.observation[name] === undefined,
  );
  if (unseen !== undefined) return { reason: `the observation holds no gradient of ${unseen}` };
  const outputs = weightMatrix(second, problem.params[second.weight]!).rows;
  if (outputs !== 1) return { reason: `layer ${second.weight} has ${outputs} outputs, and the fit is for one` };
  const batch = problem.knowledge.batchSize as number;
  const inputs = problem.model.input.shape.reduce((n, extent) => n * extent, 1);
  return batch > inputs ? { reason: `${batch} samples have no span of their own among ${inputs} inputs` } : true;
}

async function* run(
  problem: Problem,
  { executor, budget, rng, signal }: AttackContext,
  options: VisibleEntriesOptions,
): AsyncGenerator<Progress | Solution, void> {
  const answer = applies(problem);
  if (answer !== true) throw new ReconError("not-applicable", `visible-entries does not apply: ${answer.reason}.`);
  const layers = firstTwoLayers(problem) as TwoLayers;
  const samples = problem.knowledge.batchSize as number;
  const { product, dispose } = executorProduct(executor);
  const activation = compiledActivation(layers.first, executor)!;
  try {
    const block = blockOf(problem, layers, activation.at, options);
    const search = recoverBounded(block, {
      batchSize: samples,
      precision: problem.observationPrecision,
      ...(options.restarts && { restarts: options.restarts }),
      evaluations: budget.evaluations,
      product,
      rng: rng.split("visible entries"),
      signal,
    });
    let step = await search.next();
    for (; !step.done; step = await search.next()) {
      const { fraction, misfit, evaluations } = step.value;
      yield { kind: "progress", evaluations, fraction, objective: misfit, message: "visible entries" };
    }
    const { value, reason } = step.value;
    const input = inputsOf(problem, samples, block, value);
    const targets = await targetsOf(problem, executor, layers, input, value);
    const { residual } = await fitOf(problem, executor, { input, target: targets.value });
    const conclusion = conclude(problem, {
      residual,
      samples,
      restsOn: "kept entries",
      ...(value === undefined && { undetermined: clause(reason) }),
      ...(value !== undefined &&
        options.entries !== "as-sent" &&
        (await evidence(problem, block, value, residual, product))),
      ended: clause(reason),
    });
    const signOpen = !block.biased && (await activationShape(block.activation)).evenSlope;
    yield {
      kind: "solution",
      value: { input, target: targets.value },
      // Of an observation that is zero altogether no share is explained.
      residual: Number.isFinite(residual) ? residual : 1,
      given: ["architecture", "weights", "batchSize", "defenceKind", "defenceParams", ...targets.given],
      evaluations: Math.max(1, value?.evaluations ?? 1),
      trace: [],
      ...conclusion,
      reason: `${conclusion.reason}${value && signOpen ? " The activation leaves open the sign of a sample with its error signal." : ""}`,
    };
  } finally {
    await activation.dispose();
    await dispose();
  }
}

/** The first layer with the bounds on its gradient, [W | b] where it has a bias. */
function blockOf(
  problem: Problem,
  { first, second }: TwoLayers,
  activation: BoundedBlock["activation"],
  { entries }: VisibleEntriesOptions,
): BoundedBlock {
  const { params, observation, defences } = problem;
  const sent: EntryBounds = exactly(observation);
  const { lower, upper, meanMagnitude } =
    entries === "as-sent" ? sent : composeDefences(defences).channel!.preimage!(sent);
  const { bias } = first;
  const joined = (arrays: EntryBounds["lower"]) => {
    const weight = weightMatrix(first, arrays[first.weight]!);
    return bias === undefined ? weight : appendColumn(weight, arrays[bias]!.data);
  };
  const mean = bias === undefined ? meanMagnitude?.[first.weight] : undefined;
  return {
    weight: joined(params),
    outer: Float64Array.from(weightMatrix(second, params[second.weight]!).data),
    seen: joined(observation).data,
    lower: joined(lower).data,
    upper: joined(upper).data,
    ...(mean !== undefined && { meanMagnitude: mean }),
    biased: bias !== undefined,
    activation,
  };
}

/** The recovered inputs in the model's shape; the blind guess where there are none. */
function inputsOf(
  { model, domain }: Problem,
  samples: number,
  { biased }: BoundedBlock,
  value: BoundedValue | undefined,
): NdArray {
  const { shape } = model.input;
  const size = shape.reduce((n, extent) => n * extent, 1);
  const data = new Float64Array(samples * size);
  const guess = domain.blind(shape).data;
  for (let i = 0; i < samples; i++) {
    const start = i * (biased ? size + 1 : size);
    data.set(value === undefined ? guess : value.inputs.data.subarray(start, start + size), i * size);
  }
  return { shape: [samples, ...shape], data };
}

/** Targets read off the error signals; where the loss does not show them, as they were told, and zeros where nothing says them. */
async function targetsOf(
  problem: Problem,
  executor: AttackContext["executor"],
  { second }: TwoLayers,
  inputs: NdArray,
  value: BoundedValue | undefined,
): Promise<{ readonly value: NdArray; readonly given: readonly Flag[] }> {
  const count = inputs.shape[0]!;
  const told = givenTargets(problem, count);
  if (value !== undefined) {
    const samples = { inputs, cotangents: matrix(count, 1, value.errors.slice()), layer: second.weight };
    const read = await targetsFromCotangents(problem, executor, samples);
    if (read !== undefined)
      return {
        value: read,
        given: ["lossKind", "lossReduction"].filter((flag) => problem.knowledge[flag] !== undefined),
      };
    if ("value" in told)
      return { value: await pairedTargets(problem, executor, samples, told.value), given: told.given };
  }
  const shape = [count, ...problem.model.target.shape];
  return { value: { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) }, given: [] };
}

/** Where known entries are enough for all unknowns, how well they determine them; bounds alone are never evidence of uniqueness. */
async function evidence(
  problem: Problem,
  block: BoundedBlock,
  value: BoundedValue,
  residual: number,
  product: MatrixProduct,
): Promise<Pick<Findings, "jacobian">> {
  if (value.known < value.point.length || knownNoise(problem) > 0) return {};
  const size = norm(problem.observation);
  return {
    jacobian: {
      ...(await knownJacobian(block, value.point, product)),
      residualNorm: residual * size,
      noiseNorm: unitRoundoff[problem.observationPrecision] * size,
      rms: length(value.inputs.data) / Math.sqrt(value.inputs.data.length),
    },
  };
}
