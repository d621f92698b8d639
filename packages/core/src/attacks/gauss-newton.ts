import { type Arrays, type Executor, graph, input, type NdArray } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { parameterInputs, parametersOf, parameterValues } from "../operators/observation-graph.ts";
import { checkOptions, integer } from "../options.ts";
import { gaussian } from "../priors/gaussian.ts";
import type { Applicability, Attack, AttackContext, EnergyPrior, Problem, Progress, Solution } from "../problem.ts";
import type { Rng } from "../random.ts";
import { startTrace } from "../solvers/trace.ts";
import { conclude } from "./conclude.ts";
import { continuousInput } from "./continuous-input.ts";
import { fitOf } from "./forward.ts";
import { boxWidth, entryAccuracies, sizesOf } from "./gauss-newton/accuracies.ts";
import { headAsFeatures } from "./gauss-newton/head-as-features.ts";
import { posteriorStds } from "./gauss-newton/posterior-stds.ts";
import { type QuadraticPrior, quadraticPrior } from "./gauss-newton/quadratic-prior.ts";
import { reweighted } from "./gauss-newton/reweighted.ts";
import { type SearchProgress, type SearchResult, search } from "./gauss-newton/search.ts";
import { coarser } from "./gauss-newton/stages.ts";
import { type Accuracies, type WeightedResiduals, weightedResiduals } from "./gauss-newton/weighted-residuals.ts";
import { headError, headTarget } from "./head-target.ts";
import { forecastOf, readableEntries } from "./readable-entries.ts";
import { withLinearLoss } from "./settled-target.ts";

export interface GaussNewtonOptions {
  /** How many unknowns at most, 512 unless said: every step decomposes a matrix of that many columns. */
  readonly mostUnknowns?: number;
}

/** Standard deviation of the prior that stands in where none is given, in widths of the box. */
const wideStd = 0.3;
/** Least standard deviation that is reported: minima this far from the truth explain an observation to its rounding. */
const leastStd = 0.01;
/** Misfit up to which an observation counts as explained to its accuracy, and by how much the accuracy is widened beyond. */
const explainedMisfit = 2;
const unexplained = 10;

/**
 * One sample by least squares with the whole Jacobian: the most probable input under the accuracy of every entry and a Gaussian prior,
 *
 *     argmin ½ Σ ((F(x) − y) / σ)² + ½ ‖L (x − m)‖²,
 *
 * by geodesic Levenberg-Marquardt, first at an accuracy of 1 %, then at that of the observation. F is the gradient with the error of the head, ∂ℓ/∂ŷ, as it was
 * sent in its bias gradient: so the target is no unknown, and the curvature of the loss is gone.
 *
 * A prior that is no quadratic form is taken as a sequence of those (`quadratic`), each touching it where the last search ended.
 *
 * What it finds is a minimum and never certified above `consistent`: minima with residuals below rounding exist that are not the truth. Where it explains
 * the observation, the reported standard deviations are those of the linearised posterior, widened where the fit ended early and never below .01: where they are as large
 * as the prior's, the prior speaks.
 *
 * @see M. K. Transtrum, J. P. Sethna, arXiv:1201.5885 (2012).
 */
export function gaussNewton(options: GaussNewtonOptions = {}, priors: readonly EnergyPrior[] = []): Attack {
  checkOptions("gauss-newton", options, { mostUnknowns: integer(1) });
  const { mostUnknowns = 512 } = options;
  return {
    name: "gauss-newton",
    options: { mostUnknowns, priors: priors.map(({ name }) => name) },
    cite: "Transtrum & Sethna, arXiv:1201.5885, 2012",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => applies(problem, mostUnknowns),
    foresee: async (problem, { executor, rng }) =>
      forecastOf(await readableEntries(problem, executor, { priors, rng })),
    run: (problem, context) => run(problem, context, priors),
  };
}

function applies(problem: Problem, mostUnknowns: number): Applicability {
  const { knowledge, model, operator } = problem;
  const continuous = continuousInput(problem);
  if (continuous !== true) return continuous;
  if (knowledge.batchSize !== 1) return { reason: "it takes a batch of one sample, whose error the head shows" };
  if (operator.observes === "difference")
    return { reason: "it takes one gradient, and several steps were sent as one" };
  const unknowns = model.input.shape.reduce((n, extent) => n * extent, 1);
  if (unknowns > mostUnknowns) return { reason: `${unknowns} unknowns are more than ${mostUnknowns}` };
  const error = headError(problem);
  return "reason" in error ? error : true;
}

async function* run(
  problem: Problem,
  context: AttackContext,
  given: readonly EnergyPrior[],
): AsyncGenerator<Progress | Solution, void> {
  const { executor, budget, rng, signal } = context;
  const error = headError(problem);
  if ("reason" in error) throw new ReconError("attack-does-not-apply", error.reason);
  const { domain, model, observation } = problem;
  const shape = [1, ...model.input.shape];
  const priors = given.length > 0 ? given : [wide(problem)];
  const quadratic = (x?: NdArray): readonly EnergyPrior[] => priors.map((one) => one.quadratic?.(x) ?? one);
  const prior = await quadraticPrior(quadratic(), shape, executor);
  const residuals = await weightedResiduals(
    headAsFeatures(withLinearLoss(problem), error),
    executor,
    error.value,
    prior,
  );
  try {
    const seen = headAsFeatures(problem, error);
    const sizes = sizesOf(seen);
    const accuracies = entryAccuracies(problem, seen.observation, sizes);
    const starts = (attempt: number, stream: Rng): Float64Array => {
      if (attempt === 0) return Float64Array.from(prior.centre);
      const draw = priors.find((one) => one.sample !== undefined)?.sample?.(shape, stream).data;
      return Float64Array.from(draw ?? domain.blind(model.input.shape).data);
    };
    const { evaluations } = budget;
    const trace = startTrace();
    const options = { residuals, sizes, accuracies, starts, evaluations, rng, signal };
    const add = (at: number, cost: number): void => trace.add(at, cost);
    let found = yield* reported(search(options), evaluations, add);
    if (priors.some((one) => one.quadratic !== undefined)) {
      const priorAt = (x: Float64Array): Promise<QuadraticPrior> =>
        quadraticPrior(quadratic({ shape, data: x }), shape, executor);
      found = yield* reported(reweighted(options, found, priorAt), evaluations, add);
    }
    const value = {
      input: { shape, data: found.value },
      target: await targetOf(problem, executor, found.value, error),
    };
    const { residual } = await fitOf(problem, executor, value);
    const conclusion = conclude(problem, { residual, samples: 1, ended: found.ended });
    const stds = await spreads(residuals, found, accuracies, observation);
    yield {
      kind: "solution",
      value,
      // At a minimum that does not explain the observation, the curvature says nothing of the truth.
      ...(conclusion.certificate.level !== "none" && { uncertainty: { input: { shape, data: stds } } }),
      residual,
      given: ["architecture", "weights", "batchSize", "lossKind", ...(given.length > 0 ? ["priorModel"] : [])],
      evaluations: residuals.evaluations(),
      trace: trace.points(),
      ...conclusion,
    };
  } finally {
    await residuals.dispose();
  }
}

/** Hands on the progress of the search. */
async function* reported(
  searching: AsyncGenerator<SearchProgress, SearchResult>,
  evaluations: number,
  add: (evaluations: number, cost: number) => void,
): AsyncGenerator<Progress, SearchResult> {
  for (;;) {
    const step = await searching.next();
    if (step.done) return step.value;
    const { cost, stage } = step.value;
    add(step.value.evaluations, cost);
    const fraction = Math.min(1, step.value.evaluations / evaluations);
    yield { kind: "progress", evaluations: step.value.evaluations, fraction, objective: cost, message: stage };
  }
}

/** Independent entries around the blind guess, as wide as the box allows. */
function wide({ domain, model }: Problem): EnergyPrior {
  return gaussian({ mean: domain.blind(model.input.shape), std: wideStd * (boxWidth(domain) ?? 1 / wideStd) });
}

/** The target that goes with an input: read off the head, or, where noise forbids that, the prediction less the error that was sent. */
async function targetOf(
  problem: Problem,
  executor: Executor,
  x: Float64Array,
  error: { readonly value: NdArray; readonly slope: number },
): Promise<NdArray> {
  const read = headTarget(problem);
  if ("value" in read) return read.value;
  const prediction = await predictionOf(problem, executor, x);
  return { ...error.value, data: prediction.map((value, i) => value - error.value.data[i]! / error.slope) };
}

async function predictionOf(problem: Problem, executor: Executor, x: Float64Array): Promise<Float64Array> {
  const parameters = parameterInputs(problem.model);
  const data = { input: input("input", [1, ...problem.model.input.shape]) };
  const output = problem.model.forward(parametersOf(problem.model, parameters), data, "train");
  const program = await executor.compile(graph({ ...parameters, ...data }, { output }), { precision: "float64" });
  try {
    const values = { ...parameterValues(problem.params), input: { shape: data.input.shape, data: x } };
    return Float64Array.from((await program.run(values)).output!.data);
  } finally {
    await program.dispose();
  }
}

/**
 * Standard deviations of the linearised posterior, never below what minima beside the truth are off by.
 *
 * A fit that ended above the accuracy of the observation stands in a bend of its valley, where the curvature promises far more than it keeps: there the accuracy is
 * taken to be ten times what was reached.
 */
async function spreads(
  residuals: WeightedResiduals,
  { value, cost }: SearchResult,
  accuracies: Accuracies,
  observation: Arrays,
): Promise<Float64Array> {
  const entries = Object.values(observation).reduce((n, { data }) => n + data.length, 0);
  const misfit = Math.sqrt((2 * cost) / entries);
  const factor = misfit > explainedMisfit ? unexplained * misfit : 1;
  const stds = posteriorStds((await residuals.factorise(value, coarser(accuracies, factor))).factor);
  return stds.map((std) => Math.max(leastStd, std));
}
