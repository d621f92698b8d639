import { type Problem, unitRoundoff } from "@recon/core";
import { type LayerInput, layerInput } from "./layer-input.ts";
import type { CausalLayer, TemporalNet } from "./residual-blocks.ts";
import { rootMeanSquare } from "./root-mean-square.ts";
import { added, backThrough, convolved, maskedBy, restricted, type Signal } from "./signal.ts";

/** What a block computes of a window, at every step. */
interface BlockValues {
  readonly first: Signal;
  readonly second: Signal;
  readonly output: Signal;
}

const rounds = 5;

/**
 * The window again from the first weight gradient, with the switches that the window itself sets: a unit that is barely on, and was taken to be off within rounding, is put
 * right. Ends where the equations are met no better.
 *
 * @param error at the last step of the last block.
 */
export function refineWindow(net: TemporalNet, problem: Problem, error: Signal, found: LayerInput): LayerInput {
  let best = found;
  for (let round = 0; round < rounds && best.value.steps.length === net.steps; round++) {
    const next = solvedAgain(net, problem, error, best.value);
    if (next === undefined || next.value.steps.length < net.steps || !(next.residual < best.residual)) break;
    best = next;
  }
  return best;
}

function solvedAgain(net: TemporalNet, problem: Problem, error: Signal, window: Signal): LayerInput | undefined {
  const { params, observation, observationPrecision } = problem;
  const weightOf = (layer: CausalLayer) => params[layer.weight]!;
  const values = forward(net, problem, window);
  let behind = error;
  for (let place = net.blocks.length - 1; place >= 0; place--) {
    const { first, second, skip } = net.blocks[place]!;
    const own = values[place]!;
    const outer = whereOn(behind, own.output);
    const inner = backThrough(whereOn(outer, own.second), second, weightOf(second));
    const back = whereOn(inner, own.first);
    if (place === 0) {
      const gradient = observation[first.weight]!;
      const noise = unitRoundoff[observationPrecision] * rootMeanSquare(gradient);
      return layerInput(gradient, back, first, noise);
    }
    const through = backThrough(back, first, weightOf(first));
    behind = added(through, skip === undefined ? outer : backThrough(outer, skip, weightOf(skip)));
  }
  return undefined;
}

const whereOn = (x: Signal, by: Signal): Signal => maskedBy(x, restricted(by, x.steps), () => 0);

function forward({ blocks }: TemporalNet, { params }: Problem, window: Signal): BlockValues[] {
  const run = (x: Signal, layer: CausalLayer): Signal =>
    convolved(x, layer, params[layer.weight]!, params[layer.bias]!, x.steps);
  let entering = window;
  return blocks.map(({ first, second, skip }): BlockValues => {
    const past = skip === undefined ? entering : run(entering, skip);
    const one = run(entering, first);
    const two = run(rectified(one), second);
    entering = rectified(added(rectified(two), past));
    return { first: one, second: two, output: entering };
  });
}

const rectified = (x: Signal): Signal => ({ ...x, data: x.data.map((value) => Math.max(0, value)) });
