import { boolean, type Check, count, invalid, list, number, oneOf, record, string } from "../json-check.ts";
import type { Diagnosis, JacobianFinding } from "./diagnosis.ts";
import type { LayerRank } from "./layer-ranks.ts";
import type { LayerCount, RankCount } from "./rank-count.ts";
import type { SolverOutlook } from "./solver-outlook.ts";

const rank = record<LayerRank>(
  {
    layer: string,
    rows: count,
    columns: count,
    bias: boolean,
    rank: count,
    gap: number,
    threshold: number,
    values: list(number),
    bound: count,
    shared: boolean,
    reason: string,
  },
  ["rank", "gap", "threshold"],
);

const layerCount = record<LayerCount>({
  layer: string,
  features: count,
  behind: list(string),
  behindRank: count,
  rest: count,
  count,
});

const rankCount = record<RankCount>(
  {
    batch: count,
    unknowns: count,
    entries: count,
    bound: count,
    cut: list(record<RankCount["cut"][number]>({ what: string, entries: count })),
    throughFeatures: number,
    layers: list(layerCount),
    bypassed: list(string),
    losesAt: string,
  },
  ["losesAt", "throughFeatures"],
);

const point: Check<readonly [number, number]> = (value, where) => {
  if (!Array.isArray(value) || value.length !== 2) throw invalid(where, "a pair of numbers");
  return [count(value[0], `${where}[0]`), number(value[1], `${where}[1]`)];
};

const jacobian = record<JacobianFinding>(
  {
    kind: oneOf(["measured", "estimated"]),
    unknowns: count,
    entries: count,
    rank: count,
    tolerance: number,
    largest: number,
    smallest: number,
    points: list(point),
    products: count,
    readable: count,
    noiseStd: number,
  },
  ["rank", "readable"],
);

const solver = record<SolverOutlook>(
  { solver: string, cite: string, applies: boolean, reason: string, would: string },
  ["reason", "would"],
);

/** Checks a diagnosis in a run folder. Throws `run-invalid` that names the member. */
export const checkDiagnosis: Check<Diagnosis> = record<Diagnosis>(
  {
    summary: string,
    determined: oneOf(["no", "open"]),
    batch: record<Diagnosis["batch"]>({
      size: count,
      source: oneOf(["told", "ranks", "assumed"]),
      finding: record<Diagnosis["batch"]["finding"]>({ atLeast: count, established: boolean }),
    }),
    discrete: boolean,
    ranks: list(rank),
    count: rankCount,
    largestCountedBatch: count,
    jacobian,
    noJacobian: string,
    solvers: list(solver),
    foreseen: list(record<NonNullable<Diagnosis["foreseen"]>[number]>({ attack: string, what: string })),
  },
  ["discrete", "foreseen", "jacobian", "noJacobian"],
);
