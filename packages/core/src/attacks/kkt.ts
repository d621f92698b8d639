import type { NdArray } from "@recon/engine";
import { sizeOf } from "@recon/engine";
import { executorProduct } from "../linear-algebra/multiply.ts";
import { homogeneity } from "../operators/homogeneity.ts";
import { fitMultipliers } from "../operators/multiplier-fit.ts";
import { checkOptions, integer, real } from "../options.ts";
import type { Applicability, Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { broadcastValues } from "../solvers/broadcast-values.ts";
import { blindBatch } from "./blind-batch.ts";
import { conclude } from "./conclude.ts";
import { type DenseNet, decisions, denseNet } from "./kkt/dense-layers.ts";
import { denseSweep } from "./kkt/dense-sweep.ts";
import { distinctUnits, type UnitPlane } from "./kkt/distinct-units.ts";
import { hullCorners, marginCorners } from "./kkt/hull-corners.ts";
import { canIntersect, kinkIntersections } from "./kkt/kink-intersections.ts";
import { type MarginSpan, marginSpan } from "./kkt/margin-span.ts";

export interface KktOptions {
  /** Settings of the search that are drawn and compared by their residual, 6 unless said. */
  readonly settings?: number;
  /** Runs to the end, 3 unless said; the one with the least residual is the solution. */
  readonly runs?: number;
  /** Steps of a run to the end, 3000 unless said; less where the budget is smaller. */
  readonly steps?: number;
  /** By how much samples may leave the domain's box in the closed form for many dimensions, as a share of it: what the hull is off by. .04 unless said. */
  readonly slack?: number;
}

/**
 * Training data out of trained weights: searches for samples and multipliers at which the weights of a two-class net of linear layers and ReLUs are stationary,
 * Θ = Σᵢ λᵢ yᵢ ∂f(Θ; xᵢ)/∂Θ.
 *
 * First it looks at [W₁ | b₁]: fewer distinct units than samples, or a rank far below their number, show that the weights have collapsed and do not determine
 * the data. In up to three dimensions samples are read off in closed form, where the hyperplanes of units with kinks at them meet. In many dimensions they
 * are corners of the box within the affine hull that the first layer spans, where the data has entries at the bounds. Else twice as many candidates
 * as samples are searched for in the affine hull that the first layer spans, with the ReLU's derivative relaxed to a sigmoid; the hyper-parameters are chosen
 * by the residual. Only samples at the margin have multipliers, so others cannot come out. The residual certifies nothing: wrong candidates reach lower ones than
 * the true data.
 *
 * @throws ReconError `bad-option`.
 * @see Haim, Vardi, Yehudai, Shamir & Irani, Reconstructing Training Data from Trained Neural Networks, NeurIPS 2022; Buzaglo et al., Deconstructing Data
 * Reconstruction, NeurIPS 2023. The closed form, the affine hull and the choice by residual are recon's.
 */
export function kkt(options: KktOptions = {}): Attack {
  checkOptions("kkt", options, { settings: integer(1), runs: integer(1), steps: integer(1), slack: real(0, 1) });
  const { settings = 6, runs = 3, steps = 3000, slack = 0.04 } = options;
  return {
    name: "kkt",
    options: { settings, runs, steps, slack },
    cite: "Haim et al., Reconstructing Training Data from Trained Neural Networks, NeurIPS 2022",
    needs: ["architecture", "weights"],
    latents: ["multipliers"],
    applies,
    run: (problem, context) => run({ settings, runs, steps, slack }, problem, context),
  };
}

function applies(problem: Problem): Applicability {
  const { model, operator } = problem;
  if (operator.latents?.multipliers === undefined) {
    return {
      reason: `it reads weights that were trained to the end, and what was observed is of the kind ${operator.name}`,
    };
  }
  const found = homogeneity(model);
  if ("reason" in found) return { reason: `layer ${found.layer} of ${model.name} is not homogeneous: ${found.reason}` };
  if (sizeOf(model.target.shape) > 2)
    return { reason: `${model.name} tells ${sizeOf(model.target.shape)} classes apart, and it is for two` };
  const net = denseNet(problem);
  return "reason" in net ? { reason: net.reason.replace(/\.$/, "") } : true;
}

/** Candidates, and a clause that says how they were found. */
interface Found {
  readonly samples: NdArray;
  readonly evaluations: number;
  readonly trace: Solution["trace"];
  readonly how: string;
}

async function* run(
  options: Required<KktOptions>,
  problem: Problem,
  context: AttackContext,
): AsyncGenerator<Progress | Solution, void> {
  const net = denseNet(problem);
  if ("reason" in net) return;
  const { knowledge } = problem;
  const told = typeof knowledge.batchSize === "number" ? knowledge.batchSize : undefined;
  const { product, dispose } = executorProduct(context.executor);
  let span: MarginSpan;
  try {
    span = await marginSpan(net.first, told ?? Math.min(net.first.rows, net.first.cols, mostSamples), product);
  } finally {
    await dispose();
  }
  const units = distinctUnits(net.first);
  const samples = told ?? span.rank;
  yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "rank and distinct units" };
  const collapsed = collapse(net, span, units, samples);
  const found =
    collapsed === undefined
      ? (intersected(problem, net, units, samples) ??
        cornered(options.slack, problem, net, span, samples, context) ??
        (yield* searched(options, problem, net, span, samples, context)))
      : undefined;
  const given = ["architecture", "weights", "inputRange", ...(told === undefined ? [] : ["batchSize"])];
  const value = found === undefined ? blind(problem, samples) : labelled(problem, net, found.samples);
  const { residual } = await fitMultipliers(problem, context.executor, value);
  const margins = Array.from(value.margins).sort((a, b) => a - b);
  const shown = `residual ${residual.toPrecision(2)} with non-negative multipliers, candidates at margins from ${margins[0]?.toPrecision(3)} to ${margins.at(-1)?.toPrecision(3)}`;
  yield {
    kind: "solution",
    value: { input: value.input, target: value.target },
    residual,
    given,
    evaluations: found?.evaluations ?? 1,
    trace: found?.trace ?? [],
    ...conclude(problem, {
      residual,
      samples: value.input.shape[0] ?? 0,
      ...(collapsed !== undefined && { undetermined: collapsed }),
      ...(found !== undefined && residual <= explains && { approximate: `${found.how}; ${shown}` }),
      ended: found === undefined ? "nothing was searched for" : `${found.how}; ${shown}`,
    }),
  };
}

/**
 * Up to this residual candidates explain the weights. The true data of a ReLU net leave about as much where some of its units sit at kinks, whose derivative nothing
 * fixes, and more where most do.
 */
const explains = 0.3;

/** Where the number of samples is not told, a rank is looked for up to here. */
const mostSamples = 200;

/** Why the weights do not determine the data, or undefined. */
function collapse(net: DenseNet, span: MarginSpan, units: readonly UnitPlane[], samples: number): string | undefined {
  const width = net.first.cols;
  if (units.length < samples) {
    return `the first layer has collapsed to ${units.length} distinct units, which hold ${units.length} x ${span.rank} numbers for ${samples} x ${span.rank} unknowns`;
  }
  const full = Math.min(samples, width);
  if (2 * span.rank < full) {
    return `the first layer has collapsed to rank ${span.rank}, where ${samples} samples would span ${full} directions`;
  }
  return undefined;
}

/** Samples where the kinks of units meet, if they are in few dimensions and enough of them lie at one margin. */
function intersected(problem: Problem, net: DenseNet, units: readonly UnitPlane[], samples: number): Found | undefined {
  const { model, domain } = problem;
  const dimensions = net.first.cols - 1;
  if (!canIntersect(units.length, dimensions)) return undefined;
  const { points } = kinkIntersections(net, units, {
    lower: broadcastValues(domain.lower, model.input.shape, "lower bound"),
    upper: broadcastValues(domain.upper, model.input.shape, "upper bound"),
  });
  if (2 * points.length < samples) return undefined;
  const data = new Float64Array(points.length * dimensions);
  points.forEach((point, i) => {
    data.set(point, i * dimensions);
  });
  return {
    samples: { shape: [points.length, ...model.input.shape], data },
    evaluations: 1,
    trace: [],
    how: `${points.length} points at one margin, where kinks of ${units.length} distinct units meet`,
  };
}

/** How many linear programs look for corners, a sample. */
const directionsEach = 30;
/** The few corners of a hull of fewer samples can agree by chance. */
const leastRank = 6;
/** Where fewer of them end at one margin, that many do by chance. */
const leastShare = 0.15;
/** More candidates than samples, as some corners of the hull are none. */
const candidatesEach = 1.5;

/** Samples at corners of the box within the hull, if there are enough of them at one margin. */
function cornered(
  slack: number,
  { model, domain }: Problem,
  net: DenseNet,
  span: MarginSpan,
  samples: number,
  { rng, signal }: AttackContext,
): Found | undefined {
  if (span.rank < leastRank || span.rank > samples) return undefined;
  signal.throwIfAborted();
  const directions = directionsEach * samples;
  const corners = hullCorners(net, span, {
    lower: broadcastValues(domain.lower, model.input.shape, "lower bound"),
    upper: broadcastValues(domain.upper, model.input.shape, "upper bound"),
    ...{ slack, directions, rng: rng.split("corners") },
  });
  const found = marginCorners(corners, Math.ceil(candidatesEach * samples));
  // A hull of this rank has at least as many samples.
  if (found.samples.length < span.rank || found.share < leastShare) return undefined;
  const size = sizeOf(model.input.shape);
  const data = new Float64Array(found.samples.length * size);
  found.samples.forEach((sample, i) => {
    data.set(sample, i * size);
  });
  return {
    samples: { shape: [found.samples.length, ...model.input.shape], data },
    evaluations: directions,
    trace: [],
    how: `${found.samples.length} corners at one margin, of the box within the hull that the first layer spans`,
  };
}

async function* searched(
  { settings, runs, steps }: Required<KktOptions>,
  { model, domain }: Problem,
  net: DenseNet,
  span: MarginSpan,
  samples: number,
  { executor, rng, signal, budget }: AttackContext,
): AsyncGenerator<Progress, Found> {
  const planned = Math.round(settings * 0.2 + runs);
  const sweep = denseSweep(net, span, {
    ...{ settings, executor, signal, rng: rng.split("search") },
    kept: runs,
    count: 2 * samples,
    steps: Math.max(1, Math.min(steps, Math.floor(budget.evaluations / planned))),
    lower: broadcastValues(domain.lower, model.input.shape, "lower bound"),
    upper: broadcastValues(domain.upper, model.input.shape, "upper bound"),
  });
  for (;;) {
    const next = await sweep.next();
    if (next.done === true) {
      const [best] = next.value;
      const evaluations = next.value.reduce((total, one) => total + one.evaluations, 0);
      return {
        samples: { shape: [best!.samples.shape[0]!, ...model.input.shape], data: best!.samples.data },
        evaluations,
        trace: next.value.map((one, i) => ({ evaluations: (i + 1) * one.evaluations, objective: one.residual })),
        how: `the best of ${next.value.length} runs, from ${settings} settings that were compared by their residual, left ${best!.residual.toPrecision(2)} with relaxed derivatives`,
      };
    }
    const { fraction } = next.value;
    yield { kind: "progress", evaluations: 0, fraction, objective: Number.NaN, message: "stationarity search" };
  }
}

interface Labelled {
  readonly input: NdArray;
  readonly target: NdArray;
  readonly margins: Float64Array;
}

/** Candidates with the class that the net gives them, as it was trained to the margin. */
function labelled({ model }: Problem, net: DenseNet, input: NdArray): Labelled {
  const count = input.shape[0]!;
  const size = input.data.length / Math.max(1, count);
  const values = decisions(
    net,
    Array.from({ length: count }, (_, i) => input.data.subarray(i * size, (i + 1) * size)),
  );
  const classes = sizeOf(model.target.shape);
  const data = new Float64Array(count * classes);
  values.forEach((value, i) => {
    if (classes === 1) data[i] = value > 0 ? 1 : 0;
    else data[2 * i + (value > 0 ? 1 : 0)] = 1;
  });
  return { input, target: { shape: [count, ...model.target.shape], data }, margins: values.map(Math.abs) };
}

function blind(problem: Problem, samples: number): Labelled {
  const { model } = problem;
  const target = {
    shape: [samples, ...model.target.shape],
    data: new Float64Array(samples * sizeOf(model.target.shape)).fill(1),
  };
  return { input: blindBatch(problem, samples), target, margins: new Float64Array(samples) };
}
