import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import { analytic, bootstrap, credibleInterval, gaussian, posterior, rng } from "@recon/core";
import {
  drawNoisyProblem,
  meanOf,
  noisyVictim,
  solve,
  squaredError,
  toldOfNoise,
  typicalNorm,
} from "./noisy-vectors.ts";

const [dimension, hidden] = [5, 20];
/** Noise over the typical norm of the gradient, from where the likelihood decides to where the prior does; and problems at each. */
const [levels, problems] = [[0.01, 0.1, 0.3, 1], 50] as const;

/** How often the posterior's intervals cover the truth. */
export const calibrationCases: readonly BenchCase[] = [
  {
    id: "calibration",
    suite: "defences",
    // The share of entries in their 90 % interval, and how far it is from .9.
    targets: { coverage: ">=0.85", coverage_error: "<=0.05" },
    seeds: 1,
    trial,
  },
];

async function* trial(seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const random = rng(seed).split("calibration");
  const model = noisyVictim(dimension, hidden);
  const std = 1 / Math.sqrt(dimension);
  const attack = posterior({
    prior: gaussian({ std }),
    from: [analytic()],
    draws: 1,
    chains: 8,
    samples: 40,
    warmUp: 20,
  });
  const norm = await typicalNorm(model, model.init(random.split("scale weights")), context, random.split("scale"));
  const covered: number[] = [];
  const half: number[] = [];
  const byLevel: Record<string, number> = {};
  const [errors, blind, rHats, effective]: [number[], number[], number[], number[]] = [[], [], [], []];
  let [seconds, evaluations, residual, remarked] = [0, 0, 0, 0];
  const count = context.quick ? 5 : problems;
  for (const level of levels) {
    const here: number[] = [];
    for (let i = 0; i < count; i++) {
      const stream = random.split(`level ${level}`).split(`problem ${i}`);
      const params = model.init(stream.split("weights"));
      const { batch, problem } = await drawNoisyProblem({ model, params, std: level * norm }, context, stream);
      const started = performance.now();
      const solution = await solve(attack, problem, context, `${seed} ${level} ${i}`, 20_000);
      seconds += (performance.now() - started) / 1000;
      evaluations += solution.evaluations;
      residual += solution.residual / (count * levels.length);
      const share = (at: number): number => {
        const { lower, upper } = credibleInterval(solution.uncertainty!, "input", at);
        const inside = Array.from(batch.input.data, (x, k) => (lower.data[k]! <= x && x <= upper.data[k]! ? 1 : 0));
        return meanOf(inside).mean;
      };
      here.push(share(0.9));
      half.push(share(0.5));
      errors.push(squaredError(solution.value.input!, batch.input) / dimension);
      blind.push(squaredError({ ...batch.input, data: new Float64Array(dimension) }, batch.input) / dimension);
      rHats.push(solution.diagnostics!.rHat!);
      effective.push(solution.diagnostics!.effectiveSamples!);
      if (!(solution.diagnostics!.rHat! < 1.1)) remarked++;
    }
    covered.push(...here);
    byLevel[`coverage_z${level}`] = meanOf(here).mean;
  }
  const { mean, bounds } = bootstrap(covered, { rng: rng("calibration").split(`${seed}`) });
  yield {
    item: `${covered.length} problems`,
    attack: attack.name,
    given: [...toldOfNoise, "auxiliaryData"],
    observation: "float64",
    metric: {
      coverage: mean,
      coverage_low: bounds![0],
      coverage_high: bounds![1],
      coverage_error: Math.abs(mean - 0.9),
      coverage_50: meanOf(half).mean,
      ...byLevel,
      mse: meanOf(errors).mean,
      r_hat: Math.max(...rHats),
      effective_samples: Math.min(...effective),
      disagreeing: remarked,
      problems: covered.length,
    },
    floor: { coverage: 0.9, mse: meanOf(blind).mean },
    certificate: "none",
    verdict: "partial",
    reason: `Share of the entries of ${covered.length} drawn inputs inside their nominal 90 % intervals, at noise ${levels.join(", ")} of the typical gradient's norm. The prior's own interval covers 90 % too, at the error of the blind guess.`,
    residual,
    seconds,
    evaluations,
  };
}
