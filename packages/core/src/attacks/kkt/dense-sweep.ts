import type { Rng } from "../../random.ts";
import type { DenseNet } from "./dense-layers.ts";
import { type DenseSearchOptions, denseSearch, type SearchRun, type SearchSetting } from "./dense-search.ts";
import type { MarginSpan } from "./margin-span.ts";

export interface DenseSweepOptions extends DenseSearchOptions {
  /** How many settings are drawn and tried for a fifth of the steps. */
  readonly settings: number;
  /** How many of these are run to the end. */
  readonly kept: number;
}

const trialShare = 0.2;

/**
 * The search with hyper-parameters that are chosen by the residual alone: settings are drawn, each is run for a fifth of the steps, and those with the least
 * residual |Θ − G| / |Θ| are run to the end from fresh starts. All runs end at one α, so that their residuals are of one kind.
 *
 * @returns runs to the end, the least residual first.
 * @see Haim et al., Reconstructing Training Data from Trained Neural Networks, NeurIPS 2022, appendix B, for the ranges.
 */
export async function* denseSweep(
  net: DenseNet,
  span: MarginSpan,
  options: DenseSweepOptions,
): AsyncGenerator<{ readonly fraction: number }, readonly SearchRun[]> {
  const { settings, kept, steps, rng } = options;
  const short = Math.max(1, Math.round(trialShare * steps));
  const total = settings * short + kept * steps;
  let done = 0;
  const tried: SearchRun[] = [];
  for (let i = 0; i < settings; i++) {
    const stream = rng.split(`setting ${i}`);
    yield { fraction: done / total };
    tried.push(await denseSearch(net, span, drawnSetting(stream, options), { ...options, steps: short, rng: stream }));
    done += short;
  }
  tried.sort((a, b) => a.residual - b.residual);
  const runs: SearchRun[] = [];
  for (let i = 0; i < kept; i++) {
    const { setting } = tried[i % tried.length]!;
    yield { fraction: done / total };
    runs.push(await denseSearch(net, span, setting, { ...options, rng: rng.split(`run ${i}`) }));
    done += steps;
  }
  return runs.sort((a, b) => a.residual - b.residual);
}

/** Rates and sizes log-uniform; the sharpness in inverse distances of the box. */
function drawnSetting(rng: Rng, { lower, upper }: DenseSearchOptions): SearchSetting {
  const between = (low: number, high: number): number => low * (high / low) ** rng.uniform();
  const unit = Math.max(...upper.map((value, j) => value - lower[j]!));
  return {
    rate: between(0.015, 0.06),
    leastMultiplier: between(0.03, 0.2),
    spread: between(0.08, 0.8),
    sharpness: [between(6, 20) / unit, 200 / unit],
  };
}
