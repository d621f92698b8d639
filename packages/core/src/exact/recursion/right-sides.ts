import type { RecursionOptions } from "./recursion.ts";
import { type LayerOutput, type LayerResult, throughLayer } from "./through-layer.ts";

/** A misfit this many times that of the layers behind is not the same rounding any more. */
const unusual = 30;
/** Rounding of float64 is no concern: hardly an output is as small as that. */
const leastMisfit = 1e-10;
/** Units nearest to the kink that are tried on its other side. */
const mostFlips = 8;
/** A right flip lowers the misfit at least by this factor. */
const worthwhile = 3;

/**
 * `throughLayer` for a layer whose activation has a kink at 0, where s'(z) jumps and with it k = κ s'(z).
 *
 * Which side of the kink a unit is on is read off its output, and where that is as small as its error the reading may be wrong. One wrong k spoils the
 * whole layer, which shows in the misfit of its gradients: the units nearest to the kink are then put on the other side, one after the other, as long as
 * that lowers the misfit decidedly.
 *
 * @param off outputs up to this count as 0 under an activation that switches off.
 * @param usual largest misfit of the layers behind.
 */
export async function onRightSides(
  known: LayerOutput,
  off: number,
  usual: number,
  options: RecursionOptions,
): Promise<LayerResult> {
  const { inverse, layer } = known;
  let output: Float64Array = inverse.switchesOff
    ? known.output.map((value) => (value > off ? value : 0))
    : known.output;
  let best = await throughLayer({ ...known, output }, options);
  if (!inverse.kinked || layer.kind === "linear") return best;
  for (const unit of nearestToKink(known.output, off)) {
    if (best.value !== undefined && best.residual <= unusual * Math.max(usual, leastMisfit)) break;
    const flipped = output.slice();
    flipped[unit] = output[unit]! > 0 ? -output[unit]! : Math.max(known.output[unit]!, Number.MIN_VALUE);
    const other = await throughLayer({ ...known, output: flipped }, options);
    if (other.value === undefined || !(other.residual * worthwhile < best.residual)) continue;
    [best, output] = [other, flipped];
  }
  return best;
}

/** Units in the order in which their outputs leave open, most first, on which side of the kink they are. */
function nearestToKink(output: Float64Array, off: number): number[] {
  const distance = (value: number): number => {
    if (off === 0) return Math.abs(value);
    return value > 0 ? Math.abs(Math.log(value / off)) : Number.POSITIVE_INFINITY;
  };
  const order = Array.from(output.keys()).filter((i) => Number.isFinite(distance(output[i]!)));
  return order.sort((a, b) => distance(output[a]!) - distance(output[b]!)).slice(0, mostFlips);
}
