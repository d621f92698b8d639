import { choleskySolve, inverseTrace, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { innerProduct } from "../../linear-algebra/vector.ts";
import { type ChainLayer, type ChainPoint, chainAt, chainOf, misfitGradient, residualChange } from "./chain-misfit.ts";
import { information } from "./information.ts";
import type { RecursionLayer } from "./recursion.ts";

/** An input fitted to all gradients at once. */
export interface Polished {
  readonly input: Float64Array;
  /** Root mean square over the tensors of their relative misfit, before and after. */
  readonly before: number;
  readonly after: number;
  /** Estimated rms error of the input, from what misfit is left; absent where the problem could not be factored. */
  readonly deviation: number | undefined;
}

const mostPasses = 3;
const mostSteps = 30;
// Steps that lower the misfit by a smaller share of it fit the noise of a few of the thousands of gradient entries.
const worthwhile = 1e-3;
// A misfit that comes out as the linearised problem predicts, to this share, leaves nothing for another linearisation to find.
const linear = 1e-2;

/**
 * Gauss–Newton on the gradients of all layers at once, from an input that is nearly right:
 *
 *     minimise Σ over tensors |g(x) − g|² / rms(g)²
 *
 * The recursion uses each gradient once, in its own layer, and takes the layer's output as known equally well in every direction; errors of float32
 * arithmetic or of noise then grow from layer to layer. Here every gradient bears on the input at once, which is the estimate of least variance
 * when the errors of each tensor are independent and of one size. Conjugate gradients with exact products solve each linear problem; the factor of
 * `information` makes ten to twenty steps suffice, where the recursion's own normal matrix would need hundreds.
 *
 * @param layers as `recursion` takes them: invertible activations, the last layer linear with a bias gradient.
 * @returns the input as it was when it cannot be improved.
 */
export async function polish(
  layers: readonly RecursionLayer[],
  start: Float64Array,
  product: MatrixProduct,
  signal?: AbortSignal,
): Promise<Polished> {
  const chain = chainOf(layers);
  const tensors = chain.reduce((n, layer) => n + (layer.biasScale > 0 ? 2 : 1), 0);
  const relative = (misfit: number): number => Math.sqrt(misfit / tensors);
  let x = start;
  let point = chainAt(chain, x);
  const before = relative(point.misfit);
  const found = await ridgedCholesky(information(chain, point, signal), 1e-14, { product, signal });
  if (found === undefined) return { input: x, before, after: before, deviation: undefined };
  for (let pass = 0; pass < mostPasses; pass++) {
    const { step, predicted } = gaussNewtonStep(chain, point, found.factor, signal);
    const next = x.map((value, i) => value + step[i]!);
    const there = chainAt(chain, next);
    if (!(there.misfit < point.misfit)) break;
    [x, point] = [next, there];
    if (there.misfit < (1 + linear) * predicted) break;
  }
  const entries = layers.reduce((n, { weightGradient }) => n + weightGradient.data.length, 0);
  const trace = inverseTrace((b) => choleskySolve(found.factor, b), x.length);
  const deviation = Math.sqrt((point.misfit / Math.max(entries - x.length, 0)) * (trace / x.length));
  return { input: x, before, after: relative(point.misfit), deviation };
}

/** The change of x that minimises the misfit linearised at a point and the misfit it leaves, by conjugate gradients preconditioned with L Lᵀ. */
function gaussNewtonStep(
  chain: readonly ChainLayer[],
  point: ChainPoint,
  factor: Matrix,
  signal: AbortSignal | undefined,
): { readonly step: Float64Array; readonly predicted: number } {
  const downhill = misfitGradient(chain, point).map((value) => -value);
  const step = new Float64Array(downhill.length);
  let direction = choleskySolve(factor, downhill);
  let slope = innerProduct(downhill, direction);
  let misfit = point.misfit;
  for (let i = 0; i < mostSteps; i++) {
    signal?.throwIfAborted();
    const curved = misfitGradient(chain, residualChange(chain, point, direction));
    const length = slope / innerProduct(direction, curved);
    if (!(length > 0)) break;
    addMultiple(step, length, direction);
    addMultiple(downhill, -length, curved);
    misfit -= length * slope;
    if (!(length * slope > worthwhile * misfit)) break;
    const next = choleskySolve(factor, downhill);
    const nextSlope = innerProduct(downhill, next);
    addMultiple(next, nextSlope / slope, direction);
    [direction, slope] = [next, nextSlope];
  }
  return { step, predicted: misfit };
}

function addMultiple(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * values[i]!;
}
