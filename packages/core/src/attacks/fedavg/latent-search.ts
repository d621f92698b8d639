import type { NdArray } from "@recon/engine";
import type { AttackContext, LocalTraining, Prior, Problem, Progress, Solution } from "../../problem.ts";
import { conjugateGradients } from "../../solvers/conjugate-gradients.ts";
import { flatten, layoutOf } from "../../solvers/layout.ts";
import { startTrace } from "../../solvers/trace.ts";
import { conclude } from "../conclude.ts";
import { withinDomain } from "../denoised-data-term.ts";
import { fitOf } from "../forward.ts";
import { accuraciesOf, sizesOf } from "../gauss-newton/accuracies.ts";
import { givenTargets } from "../targets.ts";
import { flagsUsed } from "./flags-used.ts";
import { type LatentPoint, type LatentPosterior, latentPosterior, type ProbableGenerator } from "./latent-posterior.ts";
import { likelyLabels } from "./likely-labels.ts";

/** Noise that is assumed, over the root mean square of every array, for some steps of so many products each. */
interface Stage {
  readonly level: number;
  readonly steps: number;
  readonly products: number;
}

/** A point with what the update leaves against it at the accuracy it was fitted at. */
interface Fit extends LatentPoint {
  readonly cost: number;
  readonly misfit: number;
}

/** From any start to the right valley, or to a wrong one. */
const coarse: readonly Stage[] = [
  { level: 0.3, steps: 2, products: 60 },
  { level: 0.1, steps: 4, products: 60 },
];
const fine: readonly Stage[] = [
  { level: 0.03, steps: 4, products: 60 },
  { level: 0.01, steps: 3, products: 120 },
  { level: 3e-3, steps: 3, products: 120 },
  { level: 1e-3, steps: 3, products: 240 },
  { level: 3e-4, steps: 3, products: 240 },
];
/** Misfit after the coarse stages that is taken for the right valley: the noise that they assume is far more than there is. */
const explained = 0.4;
const finest = fine.at(-1)!.level;
/** Misfit in units of the finest assumed noise from which on the valley was a wrong one after all. */
const settled = 10;
/** Sets of labels, by number in the order of their likelihood, with the draw of the start: the likely ones more often. */
const attempts = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [2, 0],
  [0, 2],
  [1, 2],
  [3, 0],
] as const;
const mostLabels = 4;
/** Share of a draw of the prior that a search starts at: enough to tell samples of one label apart. */
const startShare = 0.3;
/** Residual of the linear systems over their right side. */
const tolerance = 1e-2;
const shortestStep = 1 / 64;

/** The generator among priors over which a search is one for the most probable free variables. */
export function probableGenerator(priors: readonly Prior[]): ProbableGenerator | undefined {
  return priors.find(
    (prior): prior is ProbableGenerator => prior.kind === "generator" && prior.latentEnergy !== undefined,
  );
}

/**
 * The most probable free variables of a generator through all local steps, by Gauss-Newton:
 *
 *     argmin ½ Σ ((F(G(z)) − y) / σ)² − log p(z)
 *
 * for an assumed σ that falls from a third of the update on, so that the prior settles first what the update says only in its small parts. The linear systems are
 * solved by conjugate gradients. Of several draws of the start and, where no one told them, several sets of labels, one that explains the update coarsely is
 * followed; where it ends far from it, others are.
 *
 * @see J. Martens, "Deep learning via Hessian-free optimization", ICML 2010, for Gauss-Newton by conjugate gradients.
 */
export async function* latentSearch(
  problem: Problem,
  training: LocalTraining,
  { executor, budget, rng, signal }: AttackContext,
  generator: ProbableGenerator,
): AsyncGenerator<Progress | Solution, void> {
  const { model, knowledge } = problem;
  const batch = knowledge.batchSize as number;
  const shapes = { input: [batch, ...model.input.shape], target: [batch, ...model.target.shape] };
  const drawn = (start: number) => generator.init(shapes.input, rng.split(`start ${start}`));
  const layout = layoutOf(drawn(0));
  const posterior = await latentPosterior(problem, executor, generator, drawn(0));
  const sizes = sizesOf(problem);
  const own = accuraciesOf(problem, sizes);
  const trace = startTrace();
  let ended = "all accuracies were gone through";

  async function* through(stages: readonly Stage[], from: Fit, what: string): AsyncGenerator<Progress, Fit> {
    let fit = from;
    for (const { level, steps, products } of stages) {
      const accuracies = atLeast(own, sizes, level);
      for (let step = 0; step < steps; step++) {
        const left = budget.evaluations - posterior.evaluations();
        if (signal.aborted || left < products) {
          ended = signal.aborted ? "the run was aborted" : "the evaluations were spent";
          return fit;
        }
        const moved = await gaussNewtonStep(posterior, fit, accuracies, products, signal);
        fit = moved;
        const evaluations = posterior.evaluations();
        trace.add(evaluations, fit.cost);
        const fraction = Math.min(1, evaluations / budget.evaluations);
        const message = `${what}, accuracy ${level}, misfit ${fit.misfit.toPrecision(3)}`;
        yield { kind: "progress", evaluations, fraction, objective: fit.cost, message };
        if (!moved.lower) break;
      }
    }
    return fit;
  }

  try {
    const told = givenTargets(problem, batch);
    const blind = new Float64Array(layout.size);
    const misfitOf = async (target: NdArray): Promise<number> =>
      (await posterior.evaluate({ z: blind, target }, atLeast(own, sizes, 1))).misfit;
    const targets = "value" in told ? [told.value] : await likelyLabels(shapes.target, mostLabels, misfitOf);
    const left = (): number => budget.evaluations - posterior.evaluations();
    let rough: Fit | undefined;
    let best: Fit | undefined;
    for (const [labels, start] of attempts) {
      const target = targets[labels];
      if (target === undefined) continue;
      const z = flatten(drawn(start), layout).map((value) => startShare * value);
      const from = { z, target, cost: Number.POSITIVE_INFINITY, misfit: Number.POSITIVE_INFINITY };
      const fit = yield* through(coarse, from, `labels ${labels + 1}, start ${start + 1}`);
      if (rough === undefined || fit.cost < rough.cost) rough = fit;
      if (fit.misfit > explained && left() > budget.evaluations / 2) continue;
      const ending = yield* through(fine, fit.misfit <= explained ? fit : rough, "fine fit");
      // A fit that was cut short stopped at a coarser noise: all are compared at the finest.
      const judged = { ...ending, ...(await posterior.evaluate(ending, atLeast(own, sizes, finest))) };
      if (best === undefined || judged.cost < best.cost) best = judged;
      if (best.misfit <= settled || left() < budget.evaluations / 4 || signal.aborted) break;
    }
    const { z, target } = best ?? (yield* through(fine, rough!, "fine fit"));
    const value = { input: withinDomain(problem, await posterior.decode(z)), target };
    const { residual } = await fitOf(problem, executor, value);
    yield {
      kind: "solution",
      value,
      residual,
      given: flagsUsed(problem, training, ["lossKind", "lossReduction", ...("value" in told ? told.given : [])]),
      evaluations: posterior.evaluations(),
      trace: trace.points(),
      ...conclude(problem, { residual, samples: batch, ended }),
    };
  } finally {
    await posterior.dispose();
  }
}

/** One step towards the minimum of the linearised problem, halved until the cost falls. */
async function gaussNewtonStep(
  posterior: LatentPosterior,
  { z, target }: LatentPoint,
  accuracies: Readonly<Record<string, number>>,
  products: number,
  signal: AbortSignal,
): Promise<Fit & { readonly lower: boolean }> {
  const here = await posterior.evaluate({ z, target }, accuracies);
  const gradient = await posterior.gradient({ z, target }, accuracies, here);
  const { x: move } = await conjugateGradients(
    posterior.curvature({ z, target }, accuracies),
    gradient.map((value) => -value),
    { iterations: products, tolerance, signal },
  );
  for (let share = 1; share >= shortestStep; share /= 2) {
    const there = z.map((value, i) => value + share * move[i]!);
    const { cost, misfit } = await posterior.evaluate({ z: there, target }, accuracies);
    if (cost < here.cost) return { z: there, target, cost, misfit, lower: true };
  }
  return { z, target, cost: here.cost, misfit: here.misfit, lower: false };
}

/** Accuracies that are nowhere below a share of the arrays' sizes. */
function atLeast(
  accuracies: Readonly<Record<string, number>>,
  sizes: Readonly<Record<string, number>>,
  share: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(accuracies).map(([name, value]) => [name, Math.max(value, share * sizes[name]!)]),
  );
}
