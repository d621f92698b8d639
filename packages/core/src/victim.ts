/** The victim's side of an audit: the only code that holds secret data. What leaves it is a `Problem`, which has no place for a truth. */
import type { Arrays, Executor, NdArray, Shape } from "@recon/engine";
import { count, firstNonFinite, norm, stack } from "./arrays.ts";
import { composeDefences } from "./defences/compose.ts";
import { drawBatch, trainingItem, trainingSize } from "./draw-batch.ts";
import { ReconError } from "./errors.ts";
import { drawNuisances, observationGraph, parameterValues } from "./operators/observation-graph.ts";
import { roundedDifference } from "./operators/rounded-difference.ts";
import type {
  Defence,
  Flag,
  Guess,
  InputSpec,
  Item,
  Json,
  Knowledge,
  Model,
  OpenData,
  Operator,
  Problem,
  VictimSide,
} from "./problem.ts";
import type { Rng } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { victimWeights } from "./victim-weights.ts";

/** What only the judge may see. */
export interface Truth {
  readonly input: NdArray;
  readonly target: NdArray;
  readonly ids: readonly string[];
  /** What came with the items as a guess, by item. */
  readonly guesses?: readonly (Guess | undefined)[];
  /** As many items of the same data that the victim never saw, for whoever counts what comes out of trained weights; absent elsewhere, and where too few are left. */
  readonly heldOut?: NdArray;
}

export interface Observed {
  readonly problem: Problem;
  readonly truth: Truth;
  /** Size of the clean observation, and std of the channel's noise over its rms. */
  readonly norm: number;
  readonly relNoise: number;
}

/** Trains the victim where the scenario says so, and runs the protocol on a drawn batch: observation = channel(operator(model, batch)). */
export async function observe(
  scenario: Scenario,
  data: OpenData,
  trial: number,
  rng: Rng,
  executor: Executor,
  signal?: AbortSignal,
): Promise<Observed> {
  const defence = composeDefences(scenario.defences);
  const model = defence.model?.(scenario.model) ?? scenario.model;
  const operator = defence.operator?.(scenario.operator) ?? scenario.operator;
  const trialRng = rng.split(`trial ${trial}`);
  const items = await drawBatch(data, scenario.batch, trial, rng);
  const heldOut = operator.release === undefined ? [] : await heldOutItems(data, scenario, rng);
  const { padding } = scenario.source.domain;
  const truth: Truth = {
    ...(heldOut.length > 0 && {
      heldOut: stack(
        heldOut.map((item) => item.input),
        padding,
      ),
    }),
    input: stack(
      items.map((item) => item.input),
      padding,
    ),
    target: stack(items.map((item) => item.target)),
    ids: items.map((item) => item.id),
    guesses: items.map((item) => item.guess),
  };
  checkFit(model, truth);
  const values = {
    input: truth.input,
    target: truth.target,
    ...drawNuisances(model, scenario.batch, trialRng.split("nuisances")),
  };
  const stop = signal !== undefined && { signal };
  const released = await operator.release?.({
    model,
    operator,
    params: {},
    data: values,
    executor,
    rng: trialRng,
    ...stop,
  });
  const params = released ?? (await victimWeights(scenario, { model, data, rng, trialRng, executor, ...stop }));
  const clean =
    released === undefined
      ? await runObservation(model, operator, params, values, scenario, executor)
      : inPrecision(released, scenario.observationPrecision);
  const fitted = await fittedDefences(scenario.defences, (name) => ({
    model,
    operator,
    params,
    data: values,
    executor,
    rng: trialRng.split(`fit ${name}`),
  }));
  const observation = composeDefences(fitted).channel?.apply(clean, trialRng) ?? clean;
  const size = norm(clean);
  const noise = defence.channel?.noiseStd(observation) ?? 0;
  // An oblivious attacker takes what it sees for an undefended observation. The architecture is known all the same, and with it a defence on the model.
  const told = scenario.known.includes("defenceKind") && scenario.known.includes("defenceParams");
  const problem: Problem = {
    model,
    // Whoever sees released weights has no others.
    params: released === undefined ? params : observation,
    operator: told ? operator : scenario.operator,
    defences: told ? scenario.defences : [],
    observation,
    observationPrecision: scenario.observationPrecision,
    knowledge: { ...(told && defence.channel?.visible?.(observation)), ...knowledgeOf(scenario, model, truth) },
    domain: scenario.source.domain,
  };
  return { problem, truth, norm: size, relNoise: noise / (size / Math.sqrt(count(clean))) };
}

/** A batch of items that no trial draws; none where there are too few. */
async function heldOutItems(data: OpenData, { batch, trials }: Scenario, rng: Rng): Promise<readonly Item[]> {
  if (trainingSize(data, batch, trials) < batch) return [];
  const item = trainingItem(data, batch, trials, rng);
  return Promise.all(Array.from({ length: batch }, (_, i) => item(i)));
}

function inPrecision(arrays: Arrays, precision: Scenario["observationPrecision"]): Arrays {
  if (precision === "float64") return arrays;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

/** Defences with the channels that the victim applies: those that are fitted to the data have seen it. */
async function fittedDefences(
  defences: readonly Defence[],
  victim: (name: string) => VictimSide,
): Promise<readonly Defence[]> {
  return Promise.all(
    defences.map(async (defence, i) =>
      defence.fit === undefined ? defence : { ...defence, channel: await defence.fit(victim(`${i} ${defence.name}`)) },
    ),
  );
}

async function runObservation(
  model: Model,
  operator: Operator,
  params: Arrays,
  data: Arrays,
  scenario: Scenario,
  executor: Executor,
): Promise<Arrays> {
  const precision = scenario.observationPrecision;
  const shape = data.input!.shape.slice(1);
  const program = await executor.compile(observationGraph(model, operator, scenario.batch, shape), { precision });
  try {
    const exact = await program.run({ ...parameterValues(params), ...data });
    const rounded = operator.observes === "difference" && precision === "float32";
    const clean = rounded ? roundedDifference(params, exact) : exact;
    const bad = firstNonFinite(clean);
    if (bad !== undefined) {
      throw new ReconError(
        "non-finite-observation",
        `The observation "${bad}" holds NaN or infinite values: check the data for extreme values and the model for overflow.`,
      );
    }
    if (norm(clean) < 1e-12) {
      throw new ReconError(
        "zero-gradient",
        rounded && norm(exact) > 0
          ? "The update is zero: what the client's steps change is less than the rounding of float32 weights, so this round reveals nothing to attack. That is not a defence: larger steps, other batches and other rounds may leak."
          : "The observation is zero: the victim has converged on this batch, so this round reveals nothing to attack. That is not a defence: other batches and other rounds may leak.",
      );
    }
    return clean;
  } finally {
    await program.dispose();
  }
}

/** Whether an item of this shape is what a model takes: the extents of its spec, or less along axes that vary. */
export function fitsInput(shape: Shape, { shape: takes, varies = [] }: InputSpec): boolean {
  const allowed = (extent: number, axis: number): boolean =>
    extent === takes[axis] || (varies.includes(axis) && extent > 0 && extent < takes[axis]!);
  return shape.length === takes.length && shape.every(allowed);
}

function checkFit(model: Model, truth: Truth): void {
  for (const [what, array, spec] of [
    ["inputs", truth.input, model.input],
    ["targets", truth.target, model.target],
  ] as const) {
    if (!fitsInput(array.shape.slice(1), spec)) {
      throw new ReconError(
        "data-does-not-fit",
        `Model ${model.name} takes ${what} of shape [${spec.shape.join(", ")}], the data has [${array.shape.slice(1).join(", ")}]. Change the options of the model or of the data.`,
      );
    }
  }
}

/** Fills in the values of the flags the attacker is told. A flag without a rule here is told as `true`. */
function knowledgeOf(scenario: Scenario, model: Model, truth: Truth): Knowledge {
  const classes = truth.target.shape.at(-1)!;
  const labelCounts = (): Json => {
    const counts = new Array<number>(classes).fill(0);
    truth.target.data.forEach((value, i) => {
      counts[i % classes]! += value;
    });
    return counts;
  };
  const ofDomain = Object.entries(scenario.source.domain.told ?? {}).map(
    ([flag, value]) => [flag, () => value(truth.input)] as const,
  );
  const values: Readonly<Record<Flag, () => Json | NdArray>> = {
    ...Object.fromEntries(ofDomain),
    batchSize: () => scenario.batch,
    labels: () => truth.target,
    labelCounts,
    lossKind: () => model.lossKind,
    lossReduction: () => model.lossReduction ?? "mean",
    defenceKind: () => scenario.defences.map((defence) => defence.name),
    defenceParams: () => scenario.defences.map((defence) => defence.options),
  };
  return Object.fromEntries(scenario.known.map((flag) => [flag, values[flag]?.() ?? true]));
}
