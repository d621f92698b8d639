import {
  type Attack,
  type AttackContext,
  byArray,
  chain,
  descent,
  gradientMatching,
  hardSign,
  l1,
  type Penalty,
  type Prior,
  type Problem,
  projectBox,
  reduceOnPlateau,
  scaleByAdam,
} from "@recon/core";
import { type Checks, checkOptions, positive, real } from "@recon/core/options";
import { abs, add, concat, mean, mul, type NdArray, reshape, scalar, slice, sub, type Tensor } from "@recon/engine";
import { isSeriesDomain } from "../domain.ts";
import { periodicity as periodicityPrior } from "../priors/periodicity.ts";
import { quantileBounds } from "../priors/quantile-bounds.ts";
import { trend as trendPrior } from "../priors/trend.ts";
import type { AuxiliaryWindows } from "./auxiliary-windows.ts";
import { learnQuantiles } from "./quantile-inversion/learn-quantiles.ts";
import { levels } from "./quantile-inversion/quantile-network.ts";
import { type QuantileInversionOptions, quantileChecks, quantileSettings } from "./quantile-inversion.ts";
import { uniformStart } from "./uniform-start.ts";

export interface TsInverseOptions extends QuantileInversionOptions {
  /** Adam's first step, .01 unless said. */
  readonly rate?: number;
  /** Weight of the difference between values one cycle apart, 1 unless said; without a known cycle there is no such term. */
  readonly periodicity?: number;
  /** Weight of the distance to the curve's own line, .5 unless said. */
  readonly trend?: number;
  /** Weight of what lies outside the learned quantiles of inputs, 1 unless said; a tenth of it for targets. Counts only with auxiliary windows. */
  readonly bounds?: number;
}

const checks: Checks<TsInverseOptions> = {
  ...quantileChecks,
  rate: positive(),
  periodicity: real(0),
  trend: real(0),
  bounds: real(0),
};

/** Weight of the bounds of targets, in that of inputs. */
const targetShare = 0.1;
/** Weight of the mean of masks. */
const maskWeight = 1e-5;

/**
 * TS-Inverse: inputs, targets and the units that the client left out together, by the L1 distance of gradients,
 *
 *     ‖∇ℓ(x̂, ŷ) − g‖₁ / 2 + a_P periodicity [x̂; ŷ] + a_T trend [x̂; ŷ] + a_Q (outside of quantiles),
 *
 * by Adam on the sign of the gradient for inputs and masks and on the gradient itself for targets; the step falls tenfold after a tenth of the budget without
 * progress, and every second step ends in the box. Starts are uniform on [0, 1]. The quantiles come from a network that is trained on the attacker's own
 * windows, where it has some (`quantileInversion`).
 *
 * @param auxiliary needs the flag `auxiliaryData`.
 * @throws ReconError `bad-option`; when run, with auxiliary windows, `no-data` and `training`.
 * @see C. Meijer et al., "TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models", 2025.
 */
export function tsInverse(
  options: TsInverseOptions = {},
  priors: readonly Prior[] = [],
  auxiliary?: AuxiliaryWindows,
): Attack {
  checkOptions("tsInverse", options, checks);
  const { rate = 0.01, periodicity = 1, trend = 0.5, bounds = 1 } = options;
  const settings = { ...options, periodicity, trend, bounds };
  return gradientMatching({
    name: "ts-inverse",
    cite: "Meijer et al., TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models, 2025",
    options: {
      rate,
      periodicity,
      trend,
      priors: priors.map(({ name }) => name),
      ...(auxiliary && { bounds, auxiliary: auxiliary.name, ...quantileSettings(options) }),
    },
    ...(auxiliary && { needs: ["auxiliaryData"] }),
    applies: ({ model }) =>
      model.target.kind === "real" ? true : { reason: "it searches for forecasts, and the targets are classes" },
    discrepancy: () => l1(),
    priors: () => priors.filter(({ kind }) => kind === "energy"),
    penalties: async (problem, context) => [
      ...curvePenalties(problem, settings),
      maskPenalty(problem),
      ...(auxiliary && bounds > 0 ? await quantilePenalties(problem, context, auxiliary, settings) : []),
    ],
    nuisances: "search",
    targets: "joint",
    solver: ({ evaluations, box = {} }) =>
      descent({
        update: chain(
          byArray(Object.fromEntries(Object.keys(box).map((name) => [name, hardSign()]))),
          scaleByAdam(),
          reduceOnPlateau({ rate, patience: Math.max(1, Math.floor(evaluations / 10)) }),
        ),
        project: projectBox(box),
        projectEvery: 2,
      }),
    start: uniformStart,
    targetStart: uniformStart,
  });
}

type Weights = { readonly periodicity: number; readonly trend: number; readonly bounds: number };

/** Penalties of the forecast column from its first observed step to the end of the target. */
function curvePenalties({ domain, model }: Problem, { periodicity, trend }: Weights): Penalty[] {
  const [steps = 0] = model.input.shape;
  const [ahead = 0] = model.target.shape;
  const period = isSeriesDomain(domain) ? domain.period : undefined;
  const priors = [
    ...(periodicity > 0 && period !== undefined && period < steps + ahead
      ? [periodicityPrior({ period, weight: periodicity })]
      : []),
    ...(trend > 0 ? [trendPrior({ weight: trend })] : []),
  ];
  return priors.map(
    ({ energy }): Penalty =>
      ({ input, target }) =>
        energy(curve(input, target)),
  );
}

/** How far the mean of every mask is from what is drawn on the average. */
function maskPenalty({ model }: Problem): Penalty {
  return ({ nuisances }) =>
    Object.entries(nuisances).reduce(
      (total, [name, mask]) => add(total, mul(abs(sub(mean(mask), model.nuisances![name]!.expected)), maskWeight)),
      scalar(0),
    );
}

/** [B, T + H, 1]. */
function curve(input: Tensor, target: Tensor): Tensor {
  const [batch, steps] = input.shape as [number, number, number];
  const observed = slice(input, [0, 0, 0], [batch, steps, 1]);
  return concat([observed, reshape(target, [batch, target.shape[1]!, 1])], 1);
}

/** What lies outside of the learned quantiles, the two pairs of them that enclose the median. */
async function quantilePenalties(
  problem: Problem,
  { executor, rng, signal }: AttackContext,
  auxiliary: AuxiliaryWindows,
  options: TsInverseOptions & Weights,
): Promise<Penalty[]> {
  const quantiles = await learnQuantiles(problem, {
    ...quantileSettings(options),
    windows: await auxiliary.open(),
    batch: problem.knowledge.batchSize as number,
    executor,
    rng: rng.split("quantiles"),
    signal,
  });
  const pairs = [0, 1].map((from) => [from, levels.length - 1 - from] as const);
  return pairs.flatMap(([low, high]): Penalty[] =>
    (["input", "target"] as const).map((name) => {
      const weight = options.bounds * (name === "input" ? 1 : targetShare);
      const { energy } = quantileBounds({ low: row(quantiles[name], low), high: row(quantiles[name], high), weight });
      return (candidate) => energy(candidate[name]);
    }),
  );
}

function row({ shape: [count = 1, ...shape], data }: NdArray, index: number): NdArray {
  const size = data.length / count;
  return { shape, data: Float64Array.from(data.subarray(index * size, (index + 1) * size)) };
}
