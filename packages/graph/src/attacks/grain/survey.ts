import type { ExecutorProduct, MatrixProduct, Problem, Rng } from "@recon/core";
import type { Executor } from "@recon/engine";
import { type GraphDomain, isGraphDomain } from "../../domain.ts";
import { type FeatureNodes, featureNodes } from "./atoms.ts";
import { type AmountEquations, gradientSketch } from "./gradient-sketch.ts";
import { growTypes } from "./grow-types.ts";
import type { NodeTypes } from "./node-types.ts";
import { pooledRow, poolingOf } from "./pooled-row.ts";
import { type StageTest, stageTest } from "./stage-test.ts";
import { type Stages, stagesOf } from "./stages.ts";
import type { Star } from "./star-program.ts";

/** What the row spaces of the gradients say before anything is searched. */
export interface Survey {
  readonly stages: Stages;
  readonly features: number;
  /** Of every stage that layers read. */
  readonly tests: readonly Required<StageTest>[];
  /** What the first test admits. */
  readonly atoms: FeatureNodes;
}

/** Row spaces of all stages and the nodes that the first admits, or why there are none. */
export async function surveyOf(
  problem: Problem,
  noiseStd: number,
  { product }: ExecutorProduct,
): Promise<Survey | { readonly reason: string }> {
  const { model, domain } = problem;
  if (!isGraphDomain(domain)) return { reason: `The data is of the domain ${domain.name} and not graphs.` };
  const { features } = domain;
  const stages = stagesOf(model, features, 3, 7);
  if ("reason" in stages) return stages;
  const tests: Required<StageTest>[] = [];
  for (const stage of stages.nodes.slice(0, -1)) {
    const test = await stageTest(problem, stage, noiseStd, product);
    if ("reason" in test) return test;
    tests.push(test);
  }
  const atoms = await featureNodes(domain, tests[0]!, product);
  return "reason" in atoms ? atoms : { stages, features, tests, atoms };
}

/** The survey in words: ranks against widths, and how many nodes the first layer admits. */
export function outlookOf({ tests, atoms }: Survey): string {
  const spaces = tests.map(({ space }) => space);
  const ranks = spaces.map(({ rank, width }) => `${rank} of ${width}`).join(", then ");
  const full = spaces.findIndex(({ rank, width }) => rank >= width);
  const saturated =
    full < 0
      ? ""
      : ` Layer ${full + 1} spans everything, so that it admits any row: the graph has as many different surroundings as the layer is wide, or more.`;
  return `The gradients span ${ranks} dimensions, a lower bound on how many different nodes and surroundings of nodes there are; of ${atoms.combinations} combinations of features ${atoms.choices.length} fit the first.${saturated}`;
}

export interface TypesFound {
  readonly atoms: FeatureNodes;
  readonly nodes: NodeTypes;
  readonly read: number;
  readonly cut: boolean;
  readonly pooled: Float64Array;
  readonly pooling: "mean" | "sum";
  readonly further?: AmountEquations;
}

export interface TypeSearch {
  readonly executor: Executor;
  readonly product: MatrixProduct;
  readonly noiseStd: number;
  /** For every stage that layers read, whether its row space is asked. */
  readonly asked: readonly boolean[];
  /** Most types that are looked at in a step. */
  readonly limit: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/** Types of nodes at the last stage, and what the readout pooled of them. */
export async function typesOf(
  problem: Problem,
  { stages, features, tests, atoms }: Survey,
  { executor, product, noiseStd, asked, limit, rng, signal }: TypeSearch,
): Promise<TypesFound | { readonly reason: string; readonly read: number }> {
  const pooling = await poolingOf(problem, executor, features);
  if (pooling === undefined) return { reason: "The readout reads neither a mean nor a sum over nodes.", read: 0 };
  const pooled = await pooledRow(problem, stages, noiseStd, product);
  if ("reason" in pooled) return { ...pooled, read: 0 };
  const { row } = pooled;
  const last: StageTest = { zeros: noiseStd > 0 ? [] : Array.from(row.keys()).filter((i) => row[i] === 0) };
  const applied = [...tests.map(({ space, zeros }, i) => (asked[i] ? { space, zeros } : { zeros })), last];
  const first = asked[0] ? atoms : await featureNodes(problem.domain as GraphDomain, applied[0]!, product);
  if ("reason" in first) return { ...first, read: 0 };
  let nodes: NodeTypes = first;
  let before: NodeTypes = first;
  let stars: readonly Star[] = [];
  let read = 0;
  let cut = false;
  for (let from = 0; from + 1 < stages.nodes.length; from++) {
    const test = applied[from + 1]!;
    const { together } = first;
    const step = { problem, executor, product, features, from, test, together, limit, signal };
    const grown = nodes.degrees.length === 0 ? undefined : await growTypes(nodes, step);
    if (grown === undefined || grown.nodes.degrees.length === 0) {
      const why = grown?.cut
        ? `more than ${limit} surroundings of a node would have to be looked at`
        : "some of the graph leaves no trace in its gradient";
      return { reason: `No surroundings of nodes fit layer ${from + 2}: ${why}.`, read: read + (grown?.read ?? 0) };
    }
    before = nodes;
    ({ nodes, stars } = grown);
    read += grown.read;
    cut ||= grown.cut;
  }
  const further = await gradientSketch(problem, executor, stages, { stars, before, features }, rng);
  return { atoms: first, nodes, read, cut, pooled: row, pooling, ...(further && { further }) };
}
