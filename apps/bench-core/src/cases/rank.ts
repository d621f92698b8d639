import type { BenchCase, Measurement, Target, TrialContext } from "@recon/bench";
import {
  audit,
  type Diagnosis,
  defaultKnowledge,
  denseJacobian,
  gradient,
  type Problem,
  rankCount,
  rng,
  type Scenario,
  singularValues,
} from "@recon/core";
import { leNetZhu, photographs } from "@recon/vision";

/** The reduced net: two channels, so that the Jacobian can be decomposed whole. */
const reducedData = { input: [3, 16, 16], classes: 10 };

/** Before any attack: the proven count at full size, and the measured rank of a reduced net against its own count. */
export const rankCases: readonly BenchCase[] = [
  // 768 B features behind the first two convolutions, and the gradients in front of them: 3,600 + 900 + 12.
  rankCase(1, 5280, { said_undetermined: "<=0" }),
  rankCase(2, 6048, { said_undetermined: ">=1" }),
  rankCase(4, 7584, { said_undetermined: ">=1" }),
];

function rankCase(batch: number, expected: number, verdict: Readonly<Record<string, Target>>): BenchCase {
  return {
    id: `rank-lenet-b${batch}`,
    suite: "exact",
    targets: { count_error: "<=0", rank_excess: "<=0", ...verdict, seconds: "<=60" },
    seeds: 4,
    async *trial(seed, context): AsyncGenerator<Measurement, void> {
      const started = performance.now();
      const full = await fullSize(batch, seed, context);
      const reduced = await reducedRank(batch, seed, context);
      const seconds = (performance.now() - started) / 1000;
      // The count of the recipe, at the features that enter the third convolution; the bound is the least over all cuts.
      const count = full.count.layers[2]?.count ?? Number.NaN;
      yield {
        item: `batch ${batch}`,
        attack: "diagnose",
        given: defaultKnowledge,
        observation: "float32",
        metric: {
          rank_count: count,
          count_error: Math.abs(count - expected),
          rank_bound: full.count.bound,
          unknowns: full.count.unknowns,
          said_undetermined: full.determined === "no" ? 1 : 0,
          reduced_rank: reduced.rank,
          reduced_bound: reduced.bound,
          rank_excess: reduced.rank - reduced.bound,
          rank_tolerance: reduced.tolerance,
          rank_gap: reduced.gap,
        },
        floorReason: "nothing is reconstructed",
        certificate: "none",
        verdict: full.determined === "no" ? "not identifiable" : "partial",
        reason: `${full.summary} Two channels, 16 x 16: rank ${reduced.rank} at tolerance ${reduced.tolerance.toExponential(1)}, bound ${reduced.bound}.`,
        residual: Number.NaN,
        seconds,
        evaluations: 0,
      };
    },
  };
}

/** The diagnosis of an ordinary audit of photographs that has no attack yet. */
async function fullSize(batch: number, seed: number, { executor, signal }: TrialContext): Promise<Diagnosis> {
  const scenario: Scenario = {
    id: "rank",
    title: "rank",
    summary: "",
    model: leNetZhu(),
    source: photographs(),
    batch,
    operator: gradient(),
    defences: [],
    observationPrecision: "float32",
    known: defaultKnowledge,
    attacks: [],
    trials: 1,
    budget: { evaluations: 1 },
    onError: "skip",
    audit: {},
  };
  for await (const event of audit([scenario], { executor, seed, signal })) {
    if (event.kind === "failure") throw new Error(event.record.error.message);
    if (event.kind !== "diagnosis") continue;
    if (event.finding.diagnosis === undefined) throw new Error(event.finding.noDiagnosis);
    return event.finding.diagnosis;
  }
  throw new Error("The audit ended without a diagnosis.");
}

interface ReducedRank {
  readonly rank: number;
  readonly bound: number;
  /** Singular values above it count. */
  readonly tolerance: number;
  /** Ratio of the last value that counts to the next. */
  readonly gap: number;
}

/** The numerical rank of the reduced net's Jacobian at a drawn batch, by a dense decomposition, beside its count. */
async function reducedRank(batch: number, seed: number, { executor, signal }: TrialContext): Promise<ReducedRank> {
  const model = leNetZhu({ width: 2 }, reducedData);
  const stream = rng(seed).split("reduced");
  const problem: Problem = {
    model,
    params: model.init(stream.split("weights")),
    operator: gradient(),
    defences: [],
    observation: {},
    observationPrecision: "float64",
    knowledge: {},
    domain: photographs().domain,
  };
  const inputs = stream.split("inputs");
  const labels = stream.split("labels");
  const size = batch * 3 * 16 * 16;
  const target = new Float64Array(batch * reducedData.classes);
  for (let i = 0; i < batch; i++) target[i * reducedData.classes + labels.integer(reducedData.classes)] = 1;
  const point = {
    input: { shape: [batch, ...reducedData.input], data: Float64Array.from({ length: size }, () => inputs.uniform()) },
    target: { shape: [batch, reducedData.classes], data: target },
  };
  const jacobian = await denseJacobian(problem, executor, point, { signal });
  const values = singularValues(jacobian);
  const tolerance = Math.max(jacobian.rows, jacobian.cols) * Number.EPSILON * values[0]!;
  const rank = values.filter((value) => value > tolerance).length;
  return { rank, bound: rankCount(problem, batch).bound, tolerance, gap: values[rank - 1]! / (values[rank] ?? 0) };
}
