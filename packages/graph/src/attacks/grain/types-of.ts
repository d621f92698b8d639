import type { MatrixProduct, Problem, Rng } from "@recon/core";
import type { Executor } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { type FeatureNodes, featureNodes } from "./atoms.ts";
import { type AmountEquations, gradientSketch } from "./gradient-sketch.ts";
import { growTypes, lowDegreeRows } from "./grow-types.ts";
import type { NodeTypes } from "./node-types.ts";
import { pooledRow, poolingOf } from "./pooled-row.ts";
import type { StageTest } from "./stage-test.ts";
import type { Star } from "./star-program.ts";
import type { Survey } from "./survey.ts";
import { type CandidateRows, widenedSpaces } from "./widened-spaces.ts";

/** What the row space of a stage is asked: whether it holds a row, whether it does with one dimension more that the errors may have lost, or nothing. */
export type Question = "as it is" | "widened" | "nothing";

export interface TypesFound {
  readonly atoms: FeatureNodes;
  readonly nodes: NodeTypes;
  /** Types that were looked at. */
  readonly read: number;
  /** Whether more of them exist than the limit allows. */
  readonly cut: boolean;
  readonly pooled: Float64Array;
  readonly pooling: "mean" | "sum";
  readonly further?: AmountEquations;
}

/** Why there are none. */
export interface NoTypes {
  readonly reason: string;
  readonly read: number;
}

export interface TypeSearch {
  readonly executor: Executor;
  readonly product: MatrixProduct;
  readonly noiseStd: number;
  /** A question for every stage that layers read. */
  readonly questions: readonly Question[];
  /** Most types that are looked at in a step. */
  readonly limit: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/** Most types of few neighbours in which the dimension is looked for that a stage has lost. */
const mostCandidates = 8192;
/** Most types of nodes whose amounts are looked for. */
const mostTypes = 3000;

/** Types of nodes at the last stage, and what the readout pooled of them: one result for every way to widen the spaces. */
export async function* typesOf(
  problem: Problem,
  survey: Survey,
  search: TypeSearch,
): AsyncGenerator<TypesFound | NoTypes, void> {
  const { stages, features, tests, atoms } = survey;
  const { executor, product, noiseStd, questions, limit } = search;
  const pooling = await poolingOf(problem, executor, features);
  if (pooling === undefined) {
    yield { reason: "The readout reads neither a mean nor a sum over nodes.", read: 0 };
    return;
  }
  const pooled = await pooledRow(problem, stages, noiseStd, product);
  if ("reason" in pooled) {
    yield { ...pooled, read: 0 };
    return;
  }
  const { row } = pooled;
  const last = { zeros: noiseStd > 0 ? [] : Array.from(row.keys()).filter((i) => row[i] === 0) };
  const ways: Ways = { problem, survey, search, pooling, pooled: row, last };
  const domain = problem.domain as GraphDomain;
  const untested = async (): Promise<CandidateRows> => {
    const found = await featureNodes(domain, { zeros: tests[0]!.zeros }, product);
    return "reason" in found ? { width: atoms.width, rows: new Float64Array(0) } : { ...found, rows: found.embeddings };
  };
  for (const test of await testsOf(ways, 0, untested)) {
    const first = questions[0] === "as it is" ? atoms : await featureNodes(domain, test, product);
    if ("reason" in first) yield { ...first, read: 0 };
    else if (first.degrees.length === 0) yield { reason: noSurroundings(1, false, limit), read: 0 };
    else yield* grown(ways, first, { nodes: first, before: first, stars: [], read: 0, cut: false });
  }
}

/** What all ways to widen the spaces share. */
interface Ways extends Pick<TypesFound, "pooled" | "pooling"> {
  readonly problem: Problem;
  readonly survey: Survey;
  readonly search: TypeSearch;
  /** Of what is pooled, which no layer reads. */
  readonly last: StageTest;
}

/** How far types have been told apart. */
interface Reached extends Pick<TypesFound, "nodes" | "read" | "cut"> {
  readonly before: NodeTypes;
  /** Of each type, of types before. */
  readonly stars: readonly Star[];
}

/** Tests of a stage; `candidates` show which dimension its space may have lost. */
async function testsOf(
  { survey: { tests }, search: { questions, product }, last }: Ways,
  stage: number,
  candidates: () => Promise<CandidateRows>,
): Promise<readonly StageTest[]> {
  if (stage === tests.length) return [last];
  const { space, zeros } = tests[stage]!;
  if (questions[stage] === "as it is") return [{ space, zeros }];
  if (questions[stage] === "nothing") return [{ zeros }];
  const spaces = await widenedSpaces(space, await candidates(), product);
  return spaces.map((wider) => ({ space: wider, zeros }));
}

/** From types of nodes at a stage to those at the last. */
async function* grown(
  ways: Ways,
  atoms: FeatureNodes,
  { nodes, before, stars, read, cut }: Reached,
  from = 0,
): AsyncGenerator<TypesFound | NoTypes, void> {
  const { problem, survey, search, pooled, pooling } = ways;
  const { stages, features } = survey;
  const { executor, product, limit, rng, signal } = search;
  if (from + 1 === stages.nodes.length) {
    if (stars.length > mostTypes) {
      const reason = `${stars.length} surroundings of nodes fit, and amounts are looked for of at most ${mostTypes}.`;
      yield { reason, read };
      return;
    }
    const further = await gradientSketch(problem, executor, stages, { stars, before, features }, rng);
    yield { atoms, nodes, read, cut, pooled, pooling, ...(further && { further }) };
    return;
  }
  const step = { problem, executor, product, features, from, together: atoms.together, limit, signal };
  for (const test of await testsOf(ways, from + 1, () => lowDegreeRows(nodes, { ...step, limit: mostCandidates }))) {
    if (signal.aborted) return;
    const growth = await growTypes(nodes, { ...step, test });
    const looked = read + growth.read;
    if (growth.nodes.degrees.length === 0) {
      yield { reason: noSurroundings(from + 2, growth.cut, limit), read: looked };
      continue;
    }
    const reached = { nodes: growth.nodes, before: nodes, stars: growth.stars, read: looked, cut: cut || growth.cut };
    yield* grown(ways, atoms, reached, from + 1);
  }
}

function noSurroundings(layer: number, cut: boolean, limit: number): string {
  const why = cut
    ? `more than ${limit} surroundings of a node would have to be looked at`
    : "some of the graph leaves no trace in its gradient";
  return `No surroundings of nodes fit layer ${layer}: ${why}.`;
}
