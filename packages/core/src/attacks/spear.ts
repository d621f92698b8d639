import type { LinearLayer, NdArray } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { rankTest } from "../exact/rank.ts";
import type { ReluLayer } from "../exact/spear/factored-gradient.ts";
import { type SpearResult, type SpearValue, spear as unmixLayer } from "../exact/spear/spear.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import type { Applicability, Attack, AttackContext, Flag, Problem, Progress, Solution } from "../problem.ts";
import { labelledBatch } from "./column-targets.ts";
import { clause, conclude, type Findings, knownNoise } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { traceModel } from "./model-layers.ts";
import { modelRankBound } from "./model-rank-bound.ts";
import { takingOneGradient } from "./one-gradient.ts";

/** Ranks up to here are looked for. */
const largestRank = 256;

/**
 * A whole batch out of the linear layer that the data enters, where a ReLU follows: the errors of a sample vanish at every neuron that it leaves off.
 *
 * The batch size is the rank of [dW | db]; labels are read off the samples' error signals.
 *
 * @see Dimitrov, Baader, Müller & Vechev, SPEAR: Exact Gradient Inversion of Batches in Federated Learning, NeurIPS 2024.
 */
export function spear(): Attack {
  return takingOneGradient({
    name: "spear",
    options: {},
    cite: "Dimitrov, Baader, Müller & Vechev, SPEAR: Exact Gradient Inversion of Batches in Federated Learning, NeurIPS 2024",
    needs: ["architecture", "weights"],
    applies,
    run,
  });
}

function applies(problem: Problem): Applicability {
  const layer = firstReluLayer(problem);
  return "reason" in layer ? layer : true;
}

/** The layer that the data enters, or why its gradient does not show single samples. */
function firstReluLayer({ model, observation }: Problem): LinearLayer | { readonly reason: string } {
  const { input, layers } = traceModel(model);
  const layer = layers.find((candidate) => {
    let entered = candidate.input;
    while (entered.op.name === "reshape") entered = entered.inputs[0]!;
    return entered === input;
  });
  if (layer?.kind !== "linear") return { reason: "the data does not enter a linear layer first" };
  if (layer.input.shape[0] !== 1 || layer.input.shape.length !== 2) {
    return { reason: `layer ${layer.weight} is applied at several positions of a sample` };
  }
  const { activation, weight, bias } = layer;
  if (activation.name === "leakyRelu") {
    return {
      reason: `the leaky ReLU after layer ${weight} passes errors on at slope ${activation.slope} where a ReLU stops them, so no entry vanishes`,
    };
  }
  if (activation.name !== "relu") {
    return { reason: `no ReLU follows layer ${weight}, so no neuron is off and no error vanishes` };
  }
  if (bias === undefined) return { reason: `layer ${weight} has no bias, so the scale of its inputs is open` };
  const missing = [weight, bias].find((name) => observation[name] === undefined);
  return missing === undefined ? layer : { reason: `the observation holds no gradient of ${missing}` };
}

async function* run(
  problem: Problem,
  { executor, rng, signal }: AttackContext,
): AsyncGenerator<Progress | Solution, void> {
  const layer = firstReluLayer(problem);
  if ("reason" in layer) throw new ReconError("attack-does-not-apply", `spear does not apply here: ${layer.reason}.`);
  const { product, dispose } = executorProduct(executor);
  const say = (fraction: number, message: string): Progress => {
    return { kind: "progress", evaluations: 0, fraction, objective: Number.NaN, message: `spear: ${message}` };
  };
  try {
    yield say(0, "rank test");
    const rank = await rankOf(problem, layer, product);
    let found: SpearResult = { residual: Number.NaN, assumptions: [], reason: rank.reason };
    if (rank.value !== undefined) {
      const search = unmixLayer(reluLayerOf(problem, layer), {
        rank: rank.value.rank,
        precision: problem.observationPrecision,
        noiseStd: knownNoise(problem),
        product,
        rng: rng.split("search"),
        signal,
      });
      for (let step = await search.next(); ; step = await search.next()) {
        if (step.done === true) {
          found = step.value;
          break;
        }
        const { columns } = step.value;
        if (!signal.aborted) yield say(columns / rank.value.rank, `${columns} of ${rank.value.rank} samples`);
      }
    }
    const told = problem.knowledge.batchSize;
    const samples = typeof told === "number" ? told : (rank.value?.rank ?? 1);
    const batch = found.value && (await batchOf(problem, executor, layer, found.value));
    const { input, target } = batch ?? blank(problem, samples);
    const value = { input, target };
    const { residual } = await fitOf(problem, executor, value);
    const items = value.input.shape[0]!;
    const findings: Findings = {
      residual,
      samples: items,
      restsOn: "ratios of entries",
      ended: clause(found.reason),
      ...(found.value !== undefined &&
        (told !== undefined || batch?.sizeOpen !== true) && {
          identity: {
            name: `the unmixing of layer ${layer.weight}, whose pre-activations agree in sign with the zeros of every error,`,
            symmetry: "the order of the samples",
          },
          ...(rank.value && {
            rank: {
              kind: "rank" as const,
              rank: rank.value.rank,
              bound: modelRankBound(problem.model),
              samplesInOnePattern: samplesInOnePattern(found.value.patterns),
            },
          }),
        }),
      ...undeterminedBy(rank, found, items, samples),
    };
    yield {
      kind: "solution",
      value,
      residual,
      given: givenOf(problem, batch !== undefined),
      evaluations: 1,
      trace: [],
      ...conclude(problem, findings),
    };
  } finally {
    await dispose();
  }
}

function reluLayerOf({ params, observation }: Problem, layer: LinearLayer): ReluLayer {
  const numbers = (array: NdArray): Float64Array => Float64Array.from(array.data);
  return {
    weight: weightMatrix(layer, params[layer.weight]!),
    bias: numbers(params[layer.bias!]!),
    weightGradient: weightMatrix(layer, observation[layer.weight]!),
    biasGradient: numbers(observation[layer.bias!]!),
  };
}

function rankOf(problem: Problem, layer: LinearLayer, product: MatrixProduct): ReturnType<typeof rankTest> {
  const { weightGradient, biasGradient } = reluLayerOf(problem, layer);
  return rankTest(weightGradient, biasGradient, {
    precision: problem.observationPrecision,
    noiseStd: knownNoise(problem),
    product,
    limit: largestRank,
  });
}

/** The samples with their targets, each as often as its error signal says that it is in the batch. */
async function batchOf(
  problem: Problem,
  executor: AttackContext["executor"],
  layer: LinearLayer,
  { inputs, errors }: SpearValue,
): Promise<{ readonly input: NdArray; readonly target: NdArray; readonly sizeOpen: boolean }> {
  const shape = problem.model.input.shape;
  const known = { shape: [inputs.rows, ...shape], data: inputs.data };
  const labelled = await labelledBatch(problem, executor, { inputs: known, cotangents: errors, layer: layer.weight });
  if (labelled === undefined) return { input: known, target: blank(problem, inputs.rows).target, sizeOpen: true };
  const data = new Float64Array(labelled.places.length * inputs.cols);
  labelled.places.forEach((place, i) => {
    data.set(inputs.data.subarray(place * inputs.cols, (place + 1) * inputs.cols), i * inputs.cols);
  });
  return {
    input: { shape: [labelled.places.length, ...shape], data },
    target: labelled.target,
    sizeOpen: labelled.sizeOpen,
  };
}

/** A batch of zeros, where nothing was found. */
function blank({ model }: Problem, samples: number): { readonly input: NdArray; readonly target: NdArray } {
  const zeros = (shape: readonly number[]): NdArray => {
    const full = [samples, ...shape];
    return { shape: full, data: new Float64Array(full.reduce((n, extent) => n * extent, 1)) };
  };
  return { input: zeros(model.input.shape), target: zeros(model.target.shape) };
}

/** What of the data the observation cannot show, where that is why not everything was found. */
function undeterminedBy(
  rank: Awaited<ReturnType<typeof rankTest>>,
  found: SpearResult,
  items: number,
  samples: number,
): Pick<Findings, "undetermined"> {
  if (rank.value === undefined) return { undetermined: clause(rank.reason) };
  if (found.value !== undefined && items < samples) {
    const missing = samples - items;
    return {
      undetermined: `${missing} of the ${samples} samples left no trace of their own in the layer: they repeat others, activate no neuron or have no error`,
    };
  }
  return found.undetermined === true ? { undetermined: clause(found.reason) } : {};
}

function samplesInOnePattern(patterns: readonly Uint8Array[]): number {
  const counts = new Map<string, number>();
  for (const pattern of patterns) counts.set(pattern.join(""), (counts.get(pattern.join("")) ?? 0) + 1);
  return Math.max(...counts.values());
}

function givenOf({ knowledge }: Problem, labelled: boolean): Flag[] {
  const used = ["architecture", "weights", "batchSize", ...(labelled ? ["lossKind", "lossReduction"] : [])];
  return used.filter((flag) => knowledge[flag] !== undefined);
}
