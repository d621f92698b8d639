import { type Problem, squaredErrorSample, unitRoundoff } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { agreedInput } from "./agreed-input.ts";
import { errorByValues, innerErrors } from "./inner-errors.ts";
import { type LayerInput, layerInput } from "./layer-input.ts";
import { refineWindow } from "./refine-window.ts";
import type { CausalLayer, ResidualBlock, TemporalNet } from "./residual-blocks.ts";
import { rootMeanSquare } from "./root-mean-square.ts";
import { settleSwitches } from "./settle-switches.ts";
import { added, backThrough, convolved, maskedBy, restricted, type Signal } from "./signal.ts";

/** What leaves a block, and the error signal there, at the steps that the head depends on. */
interface BlockEnd {
  readonly output: Signal;
  /** Standard deviation of every step of the output. */
  readonly stds: Float64Array;
  readonly error: Signal;
  /** A lower bound on the smallest singular value of the equations that gave the output; infinite for the head, which divides. */
  readonly smallest: number;
  /** Misfit of those equations. */
  readonly residual: number;
}

/** The window at the steps that the gradient determines. */
export type RecoveredWindow =
  | {
      readonly value: Signal;
      /** A lower bound on the smallest singular value of the last equations, those of the data, with the switches as they are. */
      readonly smallest: number;
    }
  | { readonly reason: string };

/** Standard deviations above zero from which a unit counts as switched on. */
const sure = 20;

/**
 * One window through a chain of residual blocks, from the head back to the data.
 *
 * The error at the head is its bias gradient, and reaches the last step alone. A block's output says where its outer ReLU let the error through; its inner one,
 * `innerErrors`. With the error known behind a convolution, the weight gradient is linear in what entered it, and that says where the error goes on. No value is
 * ever inverted through a ReLU, so that rounding does not pile up: error signals are products of weights and switches alone.
 */
export function recoverWindow(net: TemporalNet, problem: Problem): RecoveredWindow {
  const rounding = unitRoundoff[problem.observationPrecision];
  const last = headEnd(net, problem, rounding);
  let end = last;
  for (let place = net.blocks.length - 1; place >= 0; place--) {
    if ("reason" in end) return end;
    const before = blockInput(net.blocks[place]!, end, problem, rounding);
    if ("reason" in before) return { reason: `block ${place + 1} of ${net.blocks.length}: ${before.reason}` };
    if (place === 0) return refined(net, problem, last, before);
    end = before;
  }
  return { reason: "the net has no blocks" };
}

function refined(net: TemporalNet, problem: Problem, last: Step, { output, ...found }: BlockEnd): RecoveredWindow {
  if ("reason" in last) return last;
  const { value, smallest } = refineWindow(net, problem, last.error, { value: output, ...found });
  return { value, smallest };
}

type Step = BlockEnd | { readonly reason: string };

/** The last step of the last block, and the error there. */
function headEnd({ head, steps }: TemporalNet, { params, observation }: Problem, rounding: number): Step {
  const weight = params[head.weight]!;
  const [outputs, width] = weight.shape as [number, number];
  const asMatrix = ({ data }: NdArray) => ({ rows: outputs, cols: width, data: Float64Array.from(data) });
  const error = observation[head.bias]!.data;
  const { value, reason } = squaredErrorSample(
    {
      weight: asMatrix(weight),
      bias: params[head.bias]!.data,
      weightGradient: asMatrix(observation[head.weight]!),
      biasGradient: error,
    },
    1,
  );
  if (value === undefined) return { reason };
  const last = [steps - 1];
  const back = new Float64Array(width);
  for (let t = 0; t < outputs; t++) for (let f = 0; f < width; f++) back[f]! += error[t]! * weight.data[t * width + f]!;
  const largest = value.features.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  return {
    output: { channels: width, steps: last, data: value.features },
    stds: Float64Array.of(rounding * largest),
    error: { channels: width, steps: last, data: back },
    smallest: Number.POSITIVE_INFINITY,
    residual: 0,
  };
}

/** What entered a block, from what left it. */
function blockInput(block: ResidualBlock, end: BlockEnd, problem: Problem, rounding: number): Step {
  const { params, observation } = problem;
  const { first, second, skip } = block;
  const outer = maskedBy(end.error, end.output, (place) => sure * end.stds[place]!);
  const noiseOf = ({ weight }: CausalLayer): number => rounding * rootMeanSquare(observation[weight]!);
  const past = skip && skippedInput(skip, end, outer, problem, rounding);
  if (skip !== undefined && past === undefined) {
    return {
      reason: "neither the channels of its output nor the gradient of the skipping convolution say what entered it",
    };
  }
  const besides = past && convolved(past.value, skip!, params[skip!.weight]!, params[skip!.bias]!, end.output.steps);
  const values = besides && { through: difference(end.output, besides), stds: widest(end.stds, past!.stds) };
  const inner = innerErrors({
    outer,
    layer: second,
    weight: params[second.weight]!,
    bias: params[second.bias]!,
    weightGradient: observation[second.weight]!,
    biasGradient: observation[second.bias]!,
    rounding,
    ...values,
  });
  if ("reason" in inner && values !== undefined) {
    const settled = settledInput(block, errorByValues({ outer, ...values }), past!.value, problem);
    if (settled !== undefined) return settled;
  }
  if ("reason" in inner) return inner;
  const { error, input: middle } = inner;
  const back = maskedBy(
    restricted(backThrough(error, second, params[second.weight]!), middle.value.steps),
    middle.value,
    (place) => sure * middle.stds[place]!,
  );
  const entered = layerInput(observation[first.weight]!, back, first, noiseOf(first));
  if (entered === undefined)
    return { reason: "the gradient of its first convolution does not determine what entered it" };
  const through = backThrough(back, first, params[first.weight]!);
  return {
    output: entered.value,
    stds: entered.stds,
    error: skip === undefined ? added(through, outer) : through,
    smallest: entered.smallest,
    residual: entered.residual,
  };
}

/** What entered a block at the steps of its output: by the gradient of the skipping convolution, or by what most channels say. */
function skippedInput(
  skip: CausalLayer,
  end: BlockEnd,
  outer: Signal,
  { params, observation }: Problem,
  rounding: number,
): Pick<LayerInput, "value" | "stds"> | undefined {
  const gradient = observation[skip.weight]!;
  const solved = layerInput(gradient, outer, skip, rounding * rootMeanSquare(gradient));
  if (solved !== undefined && solved.value.steps.length === end.output.steps.length) return solved;
  return agreedInput(end.output, end.stds, params[skip.weight]!, params[skip.bias]!, rounding);
}

/** A block's input found from some of its steps alone, as what stands before the block; of the first block no error is asked. */
function settledInput(block: ResidualBlock, error: Signal, known: Signal, problem: Problem): BlockEnd | undefined {
  const found = settleSwitches(block, error, known, problem);
  return found && { output: found.value, ...found, error };
}

const difference = (a: Signal, b: Signal): Signal => ({ ...a, data: a.data.map((value, i) => value - b.data[i]!) });

const widest = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => Math.max(value, b[i]!));
