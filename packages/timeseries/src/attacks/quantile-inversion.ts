import {
  type Attack,
  type AttackContext,
  conclude,
  fitOf,
  type Problem,
  type Progress,
  type Solution,
} from "@recon/core";
import { type Checks, checkOptions, integer, listOf } from "@recon/core/options";
import { type NdArray, sizeOf } from "@recon/engine";
import type { AuxiliaryWindows } from "./auxiliary-windows.ts";
import { learnQuantiles } from "./quantile-inversion/learn-quantiles.ts";
import { levels } from "./quantile-inversion/quantile-network.ts";

export interface QuantileInversionOptions {
  /** Numbers that the network sees of a gradient, 512 unless said. */
  readonly sketch?: number;
  /** Widths of its residual blocks, [256, 256] unless said; the paper has [768, 512]. */
  readonly widths?: readonly number[];
  /** Epochs over the windows, 75 unless said. */
  readonly epochs?: number;
}

export const quantileChecks: Checks<QuantileInversionOptions> = {
  sketch: integer(1),
  widths: listOf(integer(1)),
  epochs: integer(1),
};

/** The options with their defaults. */
export function quantileSettings({
  sketch = 512,
  widths = [256, 256],
  epochs = 75,
}: QuantileInversionOptions): Required<QuantileInversionOptions> {
  return { sketch, widths, epochs };
}

/**
 * Learned inversion: a network from gradients to quantiles of inputs and targets, trained on the attacker's own windows and the victim's weights; the medians are its answer, the same for every sample of a batch.
 *
 * It may win by what it knows of such series alone: compare `priorOnly`, the same network with a gradient of zeros.
 *
 * @throws ReconError `bad-option`; when run `no-data`, `training`.
 * @see C. Meijer et al., "TS-Inverse", 2025; R. Wu et al., "Learning To Invert: Simple Adaptive Attacks for Gradient Inversion in Federated Learning", UAI 2023.
 */
export function quantileInversion(windows: AuxiliaryWindows, options: QuantileInversionOptions = {}): Attack {
  return inversion("quantile-inversion", windows, options, false);
}

/** The control of `quantileInversion`: the same network, which sees a gradient of zeros. What it scores is no leak. */
export function priorOnly(windows: AuxiliaryWindows, options: QuantileInversionOptions = {}): Attack {
  return inversion("prior-only", windows, options, true);
}

function inversion(name: string, windows: AuxiliaryWindows, options: QuantileInversionOptions, blind: boolean): Attack {
  checkOptions(name, options, quantileChecks);
  const settings = quantileSettings(options);
  return {
    name,
    options: { ...settings, auxiliary: windows.name },
    cite: blind
      ? "a control: learned inversion that sees a gradient of zeros"
      : "Wu et al., Learning To Invert, UAI 2023, with the quantiles of Meijer et al., TS-Inverse, 2025",
    needs: ["architecture", "weights", "batchSize", "auxiliaryData"],
    applies: () => true,
    run: (problem, context) => run(problem, context, windows, { ...settings, blind }),
  };
}

async function* run(
  problem: Problem,
  context: AttackContext,
  windows: AuxiliaryWindows,
  settings: Required<QuantileInversionOptions> & { readonly blind: boolean },
): AsyncGenerator<Progress | Solution, void> {
  const { executor, rng, signal } = context;
  const batch = problem.knowledge.batchSize as number;
  yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "training on other windows" };
  const found = await learnQuantiles(problem, {
    ...settings,
    windows: await windows.open(),
    batch,
    executor,
    rng: rng.split("quantiles"),
    signal,
  });
  const value = { input: medians(found.input, batch), target: medians(found.target, batch) };
  const { residual } = await fitOf(problem, executor, value);
  const ended = settings.blind ? "it looked at nothing but other windows" : "the network gave its medians";
  yield {
    kind: "solution",
    value,
    uncertainty: { input: deviations(found.input, batch), target: deviations(found.target, batch) },
    residual,
    given: ["architecture", "weights", "batchSize", "auxiliaryData"],
    evaluations: 1,
    trace: [],
    ...conclude(problem, { residual, samples: batch, ended }),
  };
}

const median = levels.indexOf(0.5);
/** Quantiles .9 and .1 of a normal number are so many standard deviations apart. */
const apart = 2 * 1.2815515655446004;

function medians({ shape, data }: NdArray, batch: number): NdArray {
  const size = sizeOf(shape.slice(1));
  return repeated(shape, batch, (k) => data[median * size + k]!);
}

function deviations({ shape, data }: NdArray, batch: number): NdArray {
  const size = sizeOf(shape.slice(1));
  const last = (levels.length - 1) * size;
  return repeated(shape, batch, (k) => Math.max(0, data[last + k]! - data[k]!) / apart);
}

function repeated([, ...shape]: readonly number[], batch: number, of: (k: number) => number): NdArray {
  const size = sizeOf(shape);
  return { shape: [batch, ...shape], data: Float64Array.from({ length: batch * size }, (_, at) => of(at % size)) };
}
