import type { BenchCase, Measurement } from "@recon/bench";
import {
  gaussianDelta,
  gaussianEpsilon,
  limitMu,
  renyiGuarantee,
  renyiOfStep,
  rng,
  successUnderGaussian,
  successUnderGaussianRenyi,
  successUnderSampling,
} from "@recon/core";

/** A figure, as it is known and as it is computed. */
type Check = readonly [known: number, computed: number];

const table = (rows: readonly (readonly [number, number, number])[], f: (a: number, b: number) => number): Check[] =>
  rows.map(([a, b, known]) => [known, f(a, b)]);

/** Values that were computed independently, to the digits given. */
const groups: Readonly<Record<string, () => readonly Check[]>> = {
  "delta of mu-GDP at epsilon": () =>
    table(
      [
        [0.5, 0.5, 5.244032e-2],
        [0.5, 1, 6.829595e-3],
        [1, 1, 0.1269367],
        [1, 2, 2.092364e-2],
        [1, 4, 4.712241e-5],
        [2, 2, 0.331898],
      ],
      gaussianDelta,
    ),
  "epsilon of mu-GDP at delta 1e-5": () =>
    table(
      [
        [0.1, 1e-5, 0.3407],
        [0.5, 1e-5, 1.9931],
        [1, 1e-5, 4.3772],
        [2, 1e-5, 9.9973],
        [5, 1e-5, 33.1037],
      ],
      gaussianEpsilon,
    ),
  "epsilon by Renyi divergences at delta 1e-5": () =>
    (
      [
        [1, 1, 1, 4.7527],
        [1, 10, 100, 4.7527],
        [0.01, 1, 1000, 2.1078],
        [0.01, 1.1, 10000, 5.6543],
        [0.02, 4, 1000, 0.6372],
        [0.1, 1, 100, 7.9729],
      ] as const
    ).map(
      ([sampleRate, noiseMultiplier, steps, known]): Check => [
        known,
        renyiGuarantee({ sampleRate, noiseMultiplier, steps }, 1e-5).epsilon,
      ],
    ),
  "Renyi divergence of one sampled step": () =>
    table(
      [
        [0.01, 2, 1.718134e-4],
        [0.01, 8, 8.936439e-4],
      ],
      (rate, order) => renyiOfStep(rate, 1, order),
    ),
  "success under mu-GDP": () =>
    table(
      [
        [0.1, 0.1, 0.118692],
        [0.1, 0.5, 0.217239],
        [0.1, 1, 0.389144],
        [0.1, 2, 0.76376],
        [0.1, 4, 0.996721],
        [0.01, 0.1, 0.012995],
        [0.01, 0.5, 0.033899],
        [0.01, 1, 0.092362],
        [0.01, 2, 0.372081],
        [0.01, 4, 0.952901],
        [0.001, 0.1, 0.001394],
        [0.001, 0.5, 0.004796],
        [0.001, 1, 0.018298],
        [0.001, 2, 0.137805],
        [0.001, 4, 0.818527],
      ],
      (kappa, mu) => successUnderGaussian(kappa, mu).value,
    ),
  "success by Renyi divergences": () =>
    table(
      [
        [0.1, 0.1, 0.123318],
        [0.1, 0.5, 0.25805],
        [0.1, 1, 0.518602],
        [0.1, 2, 0.989404],
        [0.01, 0.1, 0.013478],
        [0.01, 0.5, 0.040246],
        [0.01, 1, 0.126146],
        [0.01, 2, 0.585399],
      ],
      (kappa, mu) => successUnderGaussianRenyi(kappa, mu).value,
    ),
  "central limit": () => [
    [1.3108, limitMu({ sampleRate: 0.1, noiseMultiplier: 1, steps: 100 })],
    [0.4145, limitMu({ sampleRate: 0.01, noiseMultiplier: 1, steps: 1000 })],
    [0.512, successUnderGaussian(0.1, limitMu({ sampleRate: 0.1, noiseMultiplier: 1, steps: 100 })).value],
  ],
};

/** Mechanisms in which every record takes part, s and T: their success has a closed form, μ = √T / s. */
const closed = [
  [1, 1],
  [4, 16],
  [10, 100],
] as const;

/** Sampled mechanisms, q and T at s = 1, with the success that was simulated elsewhere at blind success .1 and .01. */
const sampled = [
  [0.01, 1000, 0.1, 0.194],
  [0.1, 100, 0.1, 0.468],
  [0.01, 1000, 0.01, 0.0291],
  [0.1, 100, 0.01, 0.148],
] as const;

export const accountantCases: readonly BenchCase[] = [
  { id: "accountant", suite: "defences", targets: { max_error: "<=0.001" }, seeds: 1, trial: golden },
  { id: "accountant", suite: "defences", targets: { outside_interval: "<=0" }, seeds: 4, trial: againstClosedForm },
  { id: "accountant/sampled", suite: "defences", targets: {}, seeds: 1, trial: againstSimulation },
];

/** The largest relative error of every group. */
async function* golden(): AsyncGenerator<Measurement, void> {
  for (const [item, checks] of Object.entries(groups)) {
    const started = performance.now();
    const errors = checks().map(([known, computed]) => Math.abs(computed - known) / known);
    yield line(
      item,
      { max_error: Math.max(...errors), values: errors.length },
      started,
      "Compared with independent values.",
    );
  }
}

/** By how much the closed form lies outside of the simulation's interval, of level .999 as many are looked at together. */
async function* againstClosedForm(seed: number): AsyncGenerator<Measurement, void> {
  for (const kappa of [0.1, 0.01]) {
    for (const [noiseMultiplier, steps] of closed) {
      const started = performance.now();
      const exact = successUnderGaussian(kappa, Math.sqrt(steps) / noiseMultiplier).value;
      const random = rng(seed).split(`closed form ${kappa} ${noiseMultiplier}`);
      const mechanism = { sampleRate: 1, noiseMultiplier, steps };
      const found = successUnderSampling(kappa, mechanism, { rng: random, level: 0.999, resamples: 8000 });
      const [low, high] = found.interval;
      const metric = {
        success: found.value,
        bound: exact,
        interval_low: low,
        interval_high: high,
        outside_interval: Math.max(0, low - exact, exact - high),
      };
      yield line(
        `kappa=${kappa} s=${noiseMultiplier} T=${steps}`,
        metric,
        started,
        "Simulated success beside the closed form.",
      );
    }
  }
}

async function* againstSimulation(seed: number): AsyncGenerator<Measurement, void> {
  for (const [sampleRate, steps, kappa, known] of sampled) {
    const started = performance.now();
    const random = rng(seed).split(`sampled ${kappa} ${sampleRate}`);
    const draws = 20_000;
    const found = successUnderSampling(kappa, { sampleRate, noiseMultiplier: 1, steps }, { rng: random, draws });
    const metric = { success: found.value, known, interval_low: found.interval[0], interval_high: found.interval[1] };
    yield line(
      `kappa=${kappa} q=${sampleRate} T=${steps}`,
      metric,
      started,
      `Simulated with ${draws} draws beside another simulation.`,
    );
  }
}

function line(item: string, metric: Readonly<Record<string, number>>, started: number, reason: string): Measurement {
  return {
    item,
    attack: "accountant",
    given: [],
    observation: "float64",
    metric,
    floorReason: "nothing is reconstructed",
    certificate: "none",
    verdict: "partial",
    reason,
    residual: Number.NaN,
    seconds: (performance.now() - started) / 1000,
    evaluations: 0,
  };
}
