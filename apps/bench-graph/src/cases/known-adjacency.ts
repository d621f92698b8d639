import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import { bootstrap, rng } from "@recon/core";
import { moleculeGenerator, priorOnly, relaxed } from "@recon/graph";
import { compareAttacks, meanOf, scoresOf } from "../victims/compare-attacks.ts";
import { moleculeModels } from "../victims/molecule-case.ts";

const id = "relaxed-known-adjacency";
/** Molecules of one trial. */
const graphs = 20;

/** Whether atoms come back by a search between graphs when the edges are told: the mean F1 against the interval of that of a blind guess. */
export const knownAdjacencyCases: readonly BenchCase[] = [
  {
    id,
    suite: "molecules",
    // The mean over molecules minus the upper end of the 95 % interval of the floor's mean.
    targets: { margin: ">=0.000001" },
    seeds: 3,
    trial: measured,
  },
];

async function* measured(seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const results = await compareAttacks(
    {
      id,
      model: moleculeModels.gcn(300),
      attacks: { relaxed: relaxed(), prior_only: priorOnly([moleculeGenerator()]) },
      told: ["adjacency", "auxiliaryData"],
      defences: [],
      observation: "float32",
      graphs,
      evaluations: 300,
    },
    seed,
    context,
  );
  const own = results.relaxed!;
  if (context.signal.aborted) return;
  const floor = scoresOf(own, "node_f1", "floor");
  const interval = bootstrap(floor, { rng: rng(id).split(`${seed}`) }).bounds ?? [Number.NaN, Number.NaN];
  const mean = meanOf(scoresOf(own, "node_f1"));
  const [first] = own;
  yield {
    item: `${own.length} molecules`,
    attack: first!.attack,
    given: first!.given,
    observation: "float32",
    metric: {
      node_f1: mean,
      edge_f1: meanOf(scoresOf(own, "edge_f1")),
      exact: meanOf(scoresOf(own, "exact")),
      margin: mean - interval[1],
      node_f1_prior_only: meanOf(scoresOf(results.prior_only!, "node_f1")),
    },
    floor: { node_f1: meanOf(floor), node_f1_low: interval[0], node_f1_high: interval[1] },
    certificate: "none",
    verdict: "partial",
    reason: `Means over ${own.length} molecules; the interval of the floor is a bootstrap over molecules.`,
    residual: meanOf(own.map(({ residual }) => residual)),
    seconds: meanOf(own.map(({ seconds }) => seconds)),
    evaluations: own.reduce((total, { evaluations }) => total + evaluations, 0),
  };
}
