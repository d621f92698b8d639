import type { NdArray } from "@recon/engine";
import { inputEquations } from "../exact/cut-layer/input-equations.ts";
import { inputSensitivity } from "../exact/cut-layer/input-sensitivity.ts";
import { rowsOf } from "../exact/cut-layer/rows.ts";
import { spanCoordinates } from "../exact/cut-layer/span-coordinates.ts";
import { unitRoundoff } from "../exact/result.ts";
import { appendColumn, type Matrix, matrix, transposed } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { qr } from "../linear-algebra/qr.ts";
import type { AttackContext, Problem } from "../problem.ts";
import { knownNoise } from "./conclude.ts";
import { type ObservedCut, observedCut } from "./cut-layer.ts";
import { determined } from "./cut-layer-claims.ts";
import { targetCandidates } from "./target-candidates.ts";
import { batchSizeOf } from "./targets.ts";

/** What can be known of a cut layer's inputs before they are looked for. */
export interface CutLayerOutlook {
  /** Relative error of what tells the samples apart, for a relative rounding of 1 in the terms of the gradient: the median over made-up batches. */
  readonly amplification: number;
  /** Least and greatest of the batches. */
  readonly range: readonly [number, number];
  /** Amplification times the rounding of the observation. */
  readonly expectedError: number;
  /** Whether that is small enough to tell the samples apart to a thousandth. */
  readonly identifiable: boolean;
}

const batches = 5;

/**
 * Predicts the error of a cut layer's inputs from the Jacobian at made-up batches of the observation's size and labels, without looking for the true ones.
 *
 * @param likely inputs of the layer for made-up data [S, F].
 */
export async function cutLayerOutlook(
  problem: Problem,
  { executor, rng, signal }: Pick<AttackContext, "executor" | "rng" | "signal">,
  { weight, likely }: { readonly weight: string; readonly likely: Matrix },
): Promise<CutLayerOutlook | { readonly reason: string }> {
  const samples = batchSizeOf(problem);
  const targets = targetCandidates(problem, samples);
  if ("reason" in targets) return targets;
  if (likely.rows < samples) return { reason: `${likely.rows} made-up inputs make no batch of ${samples}` };
  const cut = observedCut(problem, weight, executor);
  if ("reason" in cut) return cut;
  try {
    const found: number[] = [];
    for (let at = 0; at < batches && !signal.aborted; at++) {
      const chosen = rng.split(`batch ${at}`).permutation(likely.rows).slice(0, samples);
      found.push(await amplificationAt(problem, cut, rowsOf(likely, chosen), targets.targets[0]!, rng));
    }
    if (found.length === 0) return { reason: "the outlook was aborted" };
    found.sort((a, b) => a - b);
    const amplification = found[Math.floor(found.length / 2)]!;
    const expectedError = amplification * unitRoundoff[problem.observationPrecision];
    const noisy = knownNoise(problem) > 0;
    return {
      amplification,
      range: [found[0]!, found.at(-1)!],
      expectedError,
      identifiable: !noisy && expectedError <= determined,
    };
  } finally {
    await cut.head.dispose();
  }
}

/** ‖L‖ times the cancellation over the samples' spread, at a batch of inputs. */
async function amplificationAt(
  problem: Problem,
  { weight, biased, behind, head }: ObservedCut,
  inputs: Matrix,
  target: NdArray,
  rng: AttackContext["rng"],
): Promise<number> {
  const full = biased ? appendColumn(inputs, new Float64Array(inputs.rows).fill(1)) : inputs;
  const basis = qr(transposed(full)).q;
  const c = multiply(full, basis);
  const scale = problem.model.lossReduction === "sum" ? 1 : 1 / inputs.rows;
  const weights = multiply(weight, basis);
  const signals = await head.at(multiply(c, weights, { transposeB: true }), target);
  const sums = (errors: Matrix, values: Matrix): Matrix => {
    const { rows, cols, data } = multiply(errors, values, { transposeA: true });
    return matrix(
      rows,
      cols,
      data.map((value) => value * scale),
    );
  };
  const ones = matrix(inputs.rows, 1, new Float64Array(inputs.rows).fill(1));
  // The gradient that this batch would have sent: equations count by its size.
  const equations = inputEquations({
    weights,
    gradient: sums(signals.errors, c),
    behind: behind.map((one, at) => {
      const { inputs: values, errors } = signals.layers[at]!;
      return {
        ...(one.gradient && { gradient: sums(errors, values) }),
        ...(one.biasGradient && { biasGradient: sums(errors, ones).data }),
      };
    }),
    head,
    scale,
    target,
  });
  const coordinates = spanCoordinates(basis, biased);
  const { gain, cancellation, spread } = await inputSensitivity({
    equations,
    coordinates,
    inputs: c,
    basis,
    weight,
    biased,
    rng,
  });
  return (gain * cancellation) / spread;
}
