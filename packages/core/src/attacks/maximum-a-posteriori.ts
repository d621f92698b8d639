import type { Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { analytic } from "./analytic.ts";
import { conclude } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { type PosteriorOptions, posteriorOptionsRecord, statesLikelihood, targetsOf } from "./posterior-setting.ts";
import { searchPosterior } from "./search-posterior.ts";
import { tensor } from "./tensor.ts";

export type MaximumAPosterioriOptions = PosteriorOptions;

/**
 * The most probable data under the channel's own likelihood and a prior:
 *
 *     x̂ = argmin −log p(y | F(x, t)) + R(x) + R_t(t)
 *
 * With known Gaussian noise the first term is ‖F − y‖² / 2σ², so that the weight of the prior is a statement about the data and not a knob. Targets are told,
 * read off the head, or unknowns themselves. Searches start from what closed forms make of the noisy observation, from the prior's best guess and from
 * draws of it; each runs to the rounding of float64, up to 400 unknowns by damped Gauss–Newton steps, above by L-BFGS. The lowest end wins.
 *
 * @param options `prior: "flat"` makes it maximum likelihood, least squares under Gaussian noise.
 * @see C. M. Bishop, "Pattern Recognition and Machine Learning", 2006, section 1.2.5.
 */
export function maximumAPosteriori(options: MaximumAPosterioriOptions = {}): Attack {
  const settled: PosteriorOptions = { ...options, from: options.from ?? [analytic(), tensor()] };
  const flat = settled.prior === "flat";
  return {
    name: flat ? "maximum-likelihood" : "maximum-a-posteriori",
    options: posteriorOptionsRecord(settled),
    cite: flat
      ? "maximum likelihood under the channel"
      : "maximum a posteriori estimation under the channel's likelihood",
    needs: ["architecture", "weights", "batchSize", "defenceParams"],
    applies: (problem) => {
      const stated = statesLikelihood(problem);
      if (stated !== true) return stated;
      const targets = targetsOf(problem, settled);
      return "reason" in targets ? targets : true;
    },
    run: (problem, context) => run(problem, context, settled),
  };
}

async function* run(
  problem: Problem,
  context: AttackContext,
  options: PosteriorOptions,
): AsyncGenerator<Progress | Solution, void> {
  const found = yield* searchPosterior(problem, context, options);
  try {
    const { modes, density, given, trace, evaluations, batch, starts } = found;
    const best = modes[0]!;
    const value = density.decode(best.x);
    const { residual } = await fitOf(problem, context.executor, value);
    yield {
      kind: "solution",
      value,
      residual,
      given,
      evaluations: evaluations(),
      trace,
      diagnostics: { starts, modes: modes.length },
      ...conclude(problem, { residual, samples: batch, ended: best.ended }),
    };
  } finally {
    await found.dispose();
  }
}
