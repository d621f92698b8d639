import { type Problem, unitRoundoff } from "@recon/core";
import { type LayerInput, layerInput } from "./layer-input.ts";
import type { ResidualBlock } from "./residual-blocks.ts";
import { rootMeanSquare } from "./root-mean-square.ts";
import { rowMisfit } from "./row-misfit.ts";
import { backThrough, convolved, maskedBy, placesOf, restricted, type Signal } from "./signal.ts";

const rounds = 60;
/** Shares of the channels whose equations decide, round by round. */
const shares = [0.5, 0.7, 0.3, 0.5, 0.25];
/** Misfit of the weight gradient, in units of its rounding, up to which the switches are taken to be right. */
const mostMisfit = 1000;

/**
 * What entered the first block of which some steps are known, and the error behind its second convolution: the switches of its first ReLU from the steps as they are
 * thought to be, the steps that are not known from the first weight gradient, and again. Steps begin straight between their neighbours, near enough to set most switches.
 *
 * For blocks in which so few channels are on that the second weight gradient does not say what entered the second convolution.
 */
export function settleSwitches(
  { first, second }: ResidualBlock,
  error: Signal,
  known: Signal,
  { params, observation, observationPrecision, model }: Problem,
): LayerInput | undefined {
  const steps = model.input.shape[0]!;
  const gradient = observation[first.weight]!;
  const rounding = unitRoundoff[observationPrecision];
  const noise = rounding * rootMeanSquare(gradient);
  const back = backThrough(error, second, params[second.weight]!);
  let window = betweenNeighbours(known, steps);
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const z = convolved(window, first, params[first.weight]!, params[first.bias]!, window.steps);
    const through = maskedBy(back, restricted(z, back.steps), () => 0);
    const all = layerInput(gradient, through, first, noise, undefined, known);
    if (all === undefined) return undefined;
    if (all.residual <= mostMisfit * rounding) return layerInput(gradient, through, first, noise);
    // A wrong switch spoils the equations of its own channel alone: the better ones decide, now more and now fewer of them.
    const thought = merged(window, all.value);
    const misfits = Array.from({ length: through.channels }, (_, o) => rowMisfit(gradient, through, first, thought, o));
    const share = shares[round % shares.length]!;
    const most = [...misfits].sort((a, b) => a - b)[Math.floor(share * misfits.length)]!;
    const rows = Array.from(misfits.keys()).filter((o) => misfits[o]! <= most);
    const next = merged(window, (layerInput(gradient, through, first, noise, rows, known) ?? all).value);
    // Half way, where a whole step leads back and forth between two sets of switches.
    window = all.residual < before ? next : halfWay(window, next);
    before = all.residual;
  }
  return undefined;
}

/** The window with the steps that were found. */
function merged(window: Signal, found: Signal): Signal {
  const places = placesOf(window);
  const data = Float64Array.from(window.data);
  for (let c = 0; c < window.channels; c++) {
    found.steps.forEach((t, i) => {
      data[c * window.steps.length + places.get(t)!] = found.data[c * found.steps.length + i]!;
    });
  }
  return { ...window, data };
}

const halfWay = (a: Signal, b: Signal): Signal => ({
  ...a,
  data: a.data.map((value, i) => (value + b.data[i]!) / 2),
});

/** All steps from some of them. */
function betweenNeighbours(known: Signal, steps: number): Signal {
  const all = Array.from({ length: steps }, (_, t) => t);
  const window: Signal = { channels: known.channels, steps: all, data: new Float64Array(known.channels * steps) };
  for (let c = 0; c < known.channels; c++) {
    const own = known.data.subarray(c * known.steps.length, (c + 1) * known.steps.length);
    for (const t of all) {
      const after = known.steps.findIndex((step) => step >= t);
      const high = after < 0 ? own.length - 1 : after;
      const low = Math.max(0, after < 0 ? high : high - 1);
      const [from, to] = [known.steps[low]!, known.steps[high]!];
      const share = to === from ? 1 : Math.min(1, Math.max(0, (t - from) / (to - from)));
      window.data[c * steps + t] = own[low]! + share * (own[high]! - own[low]!);
    }
  }
  return window;
}
