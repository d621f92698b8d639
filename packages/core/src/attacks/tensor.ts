import type { Executor, NdArray } from "@recon/engine";
import { count, norm } from "../arrays.ts";
import type { JacobianEvidence } from "../certificate/certify.ts";
import { rankBound } from "../certificate/rank-bound.ts";
import { ReconError } from "../errors.ts";
import { unitRoundoff } from "../exact/result.ts";
import { compiledActivation } from "../exact/tensor/activation-function.ts";
import { jacobianBound } from "../exact/tensor/jacobian-bound.ts";
import type { MomentOrder } from "../exact/tensor/moment-orders.ts";
import type { TensorBlock, TensorValue } from "../exact/tensor/tensor-block.ts";
import { twoLayerTensor } from "../exact/tensor/two-layer-tensor.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import { norm as length } from "../linear-algebra/vector.ts";
import type { Applicability, Attack, AttackContext, Flag, Problem, Progress, Solution } from "../problem.ts";
import { blindBatch } from "./blind-batch.ts";
import { clause, conclude, type Findings, knownNoise } from "./conclude.ts";
import { type KnownSamples, pairedTargets, targetsFromCotangents } from "./cotangent-targets.ts";
import { fitOf } from "./forward.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { givenTargets } from "./targets.ts";
import { firstTwoLayers, type TwoLayers } from "./two-layer-block.ts";

export interface TensorAttackOptions {
  /** Order of the moments; chosen by the activation unless said. */
  readonly order?: MomentOrder;
  /** Euclidean norm of every input where the attacker is told it; then it is among what is given. */
  readonly inputNorm?: number;
  /** Starts of the search, 6 unless said. */
  readonly restarts?: number;
}

/**
 * A whole batch out of a linear layer with an activation and a linear layer behind it: exact span, tensor of Hermite moments, Levenberg–Marquardt.
 *
 * Works at any depth of the net behind the two layers, with any number of outputs. Targets are read off the samples' error signals.
 *
 * @throws ReconError `bad-option`.
 * @see Wang, Lee & Lei, Reconstructing Training Data from Model Gradient, Provably, AISTATS 2023.
 */
export function tensor(options: TensorAttackOptions = {}): Attack {
  const { order, inputNorm, restarts, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ReconError("bad-option", `tensor: there is no option "${unknown}". Allowed: order, inputNorm, restarts.`);
  }
  if (order !== undefined && order !== 3 && order !== 4) {
    throw new ReconError("bad-option", `tensor: option "order" must be 3 or 4, not ${JSON.stringify(order)}.`);
  }
  for (const [name, value] of Object.entries({ inputNorm, restarts })) {
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      throw new ReconError("bad-option", `tensor: option "${name}" must be a positive number, not ${String(value)}.`);
    }
  }
  return takingOneGradient({
    name: "tensor",
    options: { ...options },
    cite: "Wang, Lee & Lei, Reconstructing Training Data from Model Gradient, Provably, AISTATS 2023",
    needs: ["architecture", "weights"],
    applies,
    run: (problem, context) => run(problem, context, options),
  });
}

function applies(problem: Problem): Applicability {
  const layers = firstTwoLayers(problem);
  if ("reason" in layers) return layers;
  const { first } = layers;
  return problem.observation[first.weight] === undefined
    ? { reason: `the observation holds no gradient of ${first.weight}` }
    : true;
}

async function* run(
  problem: Problem,
  { executor, rng, signal }: AttackContext,
  options: TensorAttackOptions,
): AsyncGenerator<Progress | Solution, void> {
  const layers = firstTwoLayers(problem);
  if ("reason" in layers) {
    yield await nothing(problem, executor, layers.reason);
    return;
  }
  const { product, dispose } = executorProduct(executor);
  const activation = compiledActivation(layers.first, executor)!;
  try {
    yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "tensor" };
    const told = problem.knowledge.batchSize;
    const block = { ...blockOf(problem, layers), activation: activation.at };
    const found = await twoLayerTensor(block, {
      precision: problem.observationPrecision,
      noiseStd: knownNoise(problem),
      ...(typeof told === "number" && { batchSize: told }),
      ...(options.order && { order: options.order }),
      ...(options.restarts && { restarts: options.restarts }),
      ...(options.inputNorm && { inputLength: options.inputNorm }),
      product,
      rng: rng.split("tensor"),
      signal,
    });
    if (found.value === undefined) {
      yield await nothing(problem, executor, clause(found.reason));
      return;
    }
    const { inputs } = found.value;
    const input = { shape: [inputs.rows, ...problem.model.input.shape], data: inputs.data };
    const targets = await targetsOf(problem, executor, layers, input, found.value);
    const { residual } = await fitOf(problem, executor, { input, target: targets.value });
    const { jacobian, ...others } = await findingsOf(
      problem,
      found.value,
      residual,
      product,
      rng.split("certificate").split("rows"),
    );
    // A target that is none stands for samples besides, which leave no trace in the layer.
    const findings = { ...others, ...(areTargets(problem, targets.value) && jacobian && { jacobian }) };
    yield {
      kind: "solution",
      value: { input, target: targets.value },
      residual,
      given: [...givenOf(problem), ...targets.given, ...(options.inputNorm ? ["inputNorm"] : [])],
      evaluations: 1,
      trace: [],
      ...withOpenSigns(conclude(problem, { ...findings, ended: clause(found.reason) }), found.value),
    };
  } finally {
    await activation.dispose();
    await dispose();
  }
}

/** Weights and gradients of the two layers, whichever way they are stored. */
function blockOf({ params, observation }: Problem, { first, second }: TwoLayers): Omit<TensorBlock, "activation"> {
  const [bias, biasGradient] = first.bias === undefined ? [] : [params[first.bias], observation[first.bias]];
  const outerGradient = observation[second.weight];
  return {
    weight: weightMatrix(first, params[first.weight]!),
    weightGradient: weightMatrix(first, observation[first.weight]!),
    ...(bias && biasGradient && { bias: bias.data, biasGradient: biasGradient.data }),
    outer: weightMatrix(second, params[second.weight]!),
    ...(outerGradient && { outerGradient: weightMatrix(second, outerGradient) }),
  };
}

/** Targets read off the error signals; where the loss does not show them, as they were told. */
async function targetsOf(
  problem: Problem,
  executor: Executor,
  { second }: TwoLayers,
  inputs: NdArray,
  { cotangents }: TensorValue,
): Promise<{ readonly value: NdArray; readonly given: readonly Flag[] }> {
  const samples: KnownSamples = { inputs, cotangents, layer: second.weight };
  const read = await targetsFromCotangents(problem, executor, samples);
  if (read !== undefined) return { value: read, given: ["lossKind", "lossReduction"] };
  const told = givenTargets(problem, cotangents.rows);
  // Told labels of another number of samples than the gradient shows cannot be paired with them.
  if ("value" in told && told.value.shape[0] === cotangents.rows) {
    return { value: await pairedTargets(problem, executor, samples, told.value), given: ["lossKind", ...told.given] };
  }
  const shape = [cotangents.rows, ...problem.model.target.shape];
  return { value: { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) }, given: [] };
}

/** Whether targets are what the loss takes: rows of a distribution add up to 1 and are nowhere negative. */
function areTargets({ model }: Problem, { shape, data }: NdArray): boolean {
  if (model.target.kind !== "distribution") return true;
  const classes = shape.at(-1) ?? 1;
  const slack = 1e-2;
  return Array.from({ length: data.length / classes }, (_, i) => data.subarray(i * classes, (i + 1) * classes)).every(
    (row) =>
      row.every((value) => value > -slack) &&
      Math.abs(Array.from(row).reduce((total, value) => total + value, 0) - 1) < slack,
  );
}

async function findingsOf(
  problem: Problem,
  value: TensorValue,
  residual: number,
  product: MatrixProduct,
  rng: AttackContext["rng"],
): Promise<Omit<Findings, "ended">> {
  const { inputs, inSpan } = value;
  const told = problem.knowledge.batchSize;
  const samples = inputs.rows;
  const bound = await jacobianBound(value, product, rng);
  const size = norm(problem.observation);
  const noiseStd = knownNoise(problem);
  const rounding = unitRoundoff[problem.observationPrecision] * size;
  const jacobian: JacobianEvidence = {
    ...bound,
    residualNorm: residual * size,
    noiseNorm: noiseStd > 0 ? noiseStd * Math.sqrt(count(problem.observation)) : rounding,
    rms: length(inputs.data) / Math.sqrt(inputs.data.length),
  };
  const missing =
    typeof told === "number" && told !== samples
      ? `the gradient of ${told} samples has rank ${samples}: some repeat, depend on others or leave no error`
      : undefined;
  return {
    residual,
    samples,
    jacobian,
    rank: {
      kind: "rank",
      rank: inSpan.span.rank,
      bound: rankBound({
        inputs: inputs.cols,
        outputs: inSpan.weight.rows,
        laterWidths: [inSpan.equations.outer.rows],
        loss: "other",
        piecewiseLinear: inSpan.shape.piecewiseStraight,
      }),
    },
    ...(missing !== undefined && { undetermined: missing }),
  };
}

/** The result with a word on what the activation leaves open. */
function withOpenSigns<T extends { readonly reason: string }>(conclusion: T, { signOpen, lengthOpen }: TensorValue): T {
  const open = [
    ...(signOpen ? ["the sign of a sample with its error signal"] : []),
    ...(lengthOpen ? ["the length of a sample against its error signal"] : []),
  ];
  if (open.length === 0) return conclusion;
  return { ...conclusion, reason: `${conclusion.reason} The activation leaves open ${open.join(" and ")}.` };
}

function givenOf({ knowledge }: Problem): Flag[] {
  const used = ["batchSize", "activeServer"].filter((flag) => knowledge[flag] !== undefined);
  return ["architecture", "weights", ...used];
}

/** What is handed back where the gradient does not determine the samples: the blind guess. */
async function nothing(problem: Problem, executor: Executor, why: string): Promise<Solution> {
  const told = problem.knowledge.batchSize;
  const samples = typeof told === "number" ? told : 1;
  const size = problem.model.target.shape.reduce((n, extent) => n * extent, samples);
  const value = {
    input: blindBatch(problem, samples),
    target: { shape: [samples, ...problem.model.target.shape], data: new Float64Array(size) },
  };
  const { residual } = await fitOf(problem, executor, value);
  return {
    kind: "solution",
    value,
    residual,
    given: givenOf(problem),
    evaluations: 1,
    trace: [],
    ...conclude(problem, { residual, samples, undetermined: why, ended: why }),
  };
}
