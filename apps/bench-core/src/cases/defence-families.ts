import {
  clipEntry,
  clipPerSample,
  type Defence,
  type DefenceFamily,
  dpSgd,
  dropout,
  gaussianNoise,
  laplaceNoise,
  pruneMagnitude,
  pruneRandom,
  quantise,
} from "@recon/core";

/** Step sizes for gradients that are clipped to norm 1, where others are trained at a tenth of the largest. */
const clippedRates = [0.3, 1];

/** ε that are asked for beside the levels of utility: from what theory advises to what is deployed. */
const epsilons = [1, 8, 50, 1000];

interface Sweep {
  readonly name: string;
  readonly parameter: string;
  readonly strengths: readonly number[];
  readonly at: (strength: number, batch: number) => Defence;
  readonly rates?: readonly number[];
  readonly epsilons?: readonly number[];
}

const sweeps: readonly Sweep[] = [
  {
    name: "gaussian-noise",
    parameter: "rel_noise",
    strengths: [0.1, 0.5, 1, 2, 4, 8],
    at: (rel_noise) => gaussianNoise({ rel_noise }),
  },
  {
    name: "laplace-noise",
    parameter: "scale",
    strengths: [0.003, 0.02, 0.05, 0.1, 0.3],
    at: (scale) => laplaceNoise({ scale }),
  },
  {
    name: "dp-sgd",
    parameter: "noise_multiplier",
    strengths: [0.003, 0.03, 0.1, 0.2, 0.4],
    at: (noise_multiplier, batch) => dpSgd({ clip: 1, noise_multiplier, batch }),
    rates: clippedRates,
    epsilons,
  },
  {
    name: "clip-per-sample",
    parameter: "threshold",
    strengths: [3, 0.5, 0.2, 0.1, 0.03],
    at: (threshold) => clipPerSample({ threshold }),
    rates: clippedRates,
  },
  {
    name: "clip-entry",
    parameter: "quantile",
    strengths: [0.9999, 0.99, 0.9, 0.5],
    at: (quantile) => clipEntry({ quantile }),
  },
  {
    name: "prune-magnitude",
    parameter: "rate",
    strengths: [0.5, 0.9, 0.97, 0.99, 0.997],
    at: (rate) => pruneMagnitude({ rate }),
  },
  {
    name: "prune-random",
    parameter: "rate",
    strengths: [0.3, 0.6, 0.8, 0.9, 0.97],
    at: (rate) => pruneRandom({ rate }),
  },
  { name: "quantise", parameter: "bits", strengths: [6, 4, 3, 2], at: (bits) => quantise({ bits }) },
  { name: "dropout", parameter: "rate", strengths: [0.1, 0.3, 0.5, 0.8], at: (rate) => dropout({ rate }) },
];

/** The swept defences of the table; a quick run looks at every other strength. */
export function defenceFamilies(quick: boolean): readonly DefenceFamily[] {
  return sweeps.map(({ at, strengths, ...rest }) => ({
    ...rest,
    strengths: quick ? strengths.filter((_, i) => i % 2 === 0 || i === strengths.length - 1) : strengths,
    at: (strength, batch) => [at(strength, batch)],
  }));
}
