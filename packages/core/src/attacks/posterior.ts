import { composeDefences } from "../defences/compose.ts";
import { ReconError } from "../errors.ts";
import type { Attack, AttackContext, Problem, Progress, Solution } from "../problem.ts";
import { analytic } from "./analytic.ts";
import { conclude } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { type PosteriorOptions, posteriorOptionsRecord, statesLikelihood, targetsOf } from "./posterior-setting.ts";
import { summarise } from "./posterior-summary.ts";
import { samplePosterior } from "./sample-posterior.ts";
import { searchPosterior } from "./search-posterior.ts";
import { tensor } from "./tensor.ts";

export interface PosteriorSamplingOptions extends PosteriorOptions {
  /** Chains, an even number of at least 4; 8 unless given. */
  readonly chains?: number;
  /** Draws a chain that are kept, 100 unless given; fewer where the budget ends first. */
  readonly samples?: number;
  /** Transitions before that, which adapt the step; 50 unless given. */
  readonly warmUp?: number;
}

/**
 * Draws from the posterior p(x | y) ∝ p(y | F(x)) p(x), and what they say of every entry: the mean, which has the least squared error of all estimates; its
 * standard deviation; and the ends of its 50 % and 90 % intervals.
 *
 * The modes are looked for as by `maximumAPosteriori`. Hamiltonian chains start around them, from the Laplace approximation N(mode, G⁻¹), with mass G. Where
 * the chains of different modes do not meet, each mode counts as its Laplace evidence e^(−f) |G|^(−1/2) says; mirror images, which the observation cannot tell
 * apart, are reduced to one. R̂, the effective sample size and the acceptance are in `diagnostics`, and doubts about them in the reason.
 *
 * @see R. M. Neal, "MCMC using Hamiltonian dynamics", 2011; D. J. C. MacKay, "Information Theory, Inference, and Learning Algorithms", 2003, chapter 27.
 */
export function posterior(options: PosteriorSamplingOptions = {}): Attack {
  const { chains = 8, samples = 100, warmUp = 50 } = options;
  for (const [name, value, least] of [
    ["chains", chains, 4],
    ["samples", samples, 4],
    ["warmUp", warmUp, 1],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least || (name === "chains" && value % 2 === 1)) {
      const wanted = name === "chains" ? "an even number of at least 4" : `a whole number of at least ${least}`;
      throw new ReconError("bad-option", `Option "${name}" of the attack "posterior" must be ${wanted}, not ${value}.`);
    }
  }
  const settled = { ...options, from: options.from ?? [analytic(), tensor()], chains, samples, warmUp };
  return {
    name: "posterior",
    options: { ...(posteriorOptionsRecord(settled) as object), chains, samples, warmUp },
    cite: "Hamiltonian Monte Carlo from the posterior under the channel's likelihood",
    needs: ["architecture", "weights", "batchSize", "defenceParams"],
    applies: (problem) => {
      const stated = statesLikelihood(problem);
      if (stated !== true) return stated;
      const { channel, name } = composeDefences(problem.defences);
      if (channel!.likelihood!(problem.observation).proper !== true) {
        return { reason: `the likelihood that ${name} states is not a density, so there is no posterior to draw from` };
      }
      if (settled.prior === "flat") return { reason: "a flat prior is not a density" };
      const targets = targetsOf(problem, settled);
      if ("reason" in targets) return targets;
      return targets.target === "flat" ? { reason: "a flat prior of the targets is not a density" } : true;
    },
    run: (problem, context) => run(problem, context, settled),
  };
}

type Settled = Required<Pick<PosteriorSamplingOptions, "chains" | "samples" | "warmUp">> & PosteriorOptions;

async function* run(
  problem: Problem,
  context: AttackContext,
  options: Settled,
): AsyncGenerator<Progress | Solution, void> {
  // Most of the budget is for the chains.
  const found = yield* searchPosterior(problem, context, options, { copies: options.chains, share: 0.4 });
  try {
    const sampled = yield* samplePosterior(found, context, options);
    const { density, given, evaluations, batch, starts, trace } = found;
    const { mean, uncertainty } = summarise(sampled.draws, density.layout);
    const value = density.decode(mean);
    const { residual } = await fitOf(problem, context.executor, value);
    const concluded = conclude(problem, { residual, samples: batch, ended: sampled.ended });
    yield {
      kind: "solution",
      value,
      ...(sampled.draws.length > 1 && { uncertainty }),
      residual,
      given,
      evaluations: evaluations(),
      trace,
      diagnostics: { starts, ...sampled.diagnostics },
      ...concluded,
      reason: [concluded.reason, ...sampled.remarks].join(" "),
    };
  } finally {
    await found.dispose();
  }
}
