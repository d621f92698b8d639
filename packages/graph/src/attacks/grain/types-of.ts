import type { MatrixProduct, Problem, Rng } from "@recon/core";
import type { Executor } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { type FeatureNodes, featureNodes } from "./atoms.ts";
import { type AmountEquations, gradientSketch } from "./gradient-sketch.ts";
import { type GrowthStep, growTypes, lowDegreeRows } from "./grow-types.ts";
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

/** Types of nodes at the last stage, and what the readout pooled of them: one result for every way to widen the spaces. */
export async function* typesOf(
  problem: Problem,
  survey: Survey,
  search: TypeSearch,
): AsyncGenerator<TypesFound | NoTypes, void> {
  const { stages, features, tests, atoms } = survey;
  const { executor, product, noiseStd, questions, limit, rng, signal } = search;
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
  const zeros = noiseStd > 0 ? [] : Array.from(row.keys()).filter((i) => row[i] === 0);
  /** Tests of a stage, in which `candidates` show what may be lost. */
  const testsOf = async (stage: number, candidates: () => Promise<CandidateRows>): Promise<readonly StageTest[]> => {
    if (stage === tests.length) return [{ zeros }];
    const test = tests[stage]!;
    const question = questions[stage]!;
    if (question === "as it is") return [test];
    if (question === "nothing") return [{ zeros: test.zeros }];
    const spaces = await widenedSpaces(test.space, await candidates(), product);
    return spaces.map((space) => ({ space, zeros: test.zeros }));
  };
  const domain = problem.domain as GraphDomain;

  const grown = async function* (
    first: FeatureNodes,
    from: number,
    nodes: NodeTypes,
    past: {
      readonly read: number;
      readonly cut: boolean;
      readonly before?: NodeTypes;
      readonly stars: readonly Star[];
    },
  ): AsyncGenerator<TypesFound | NoTypes, void> {
    if (from === tests.length) {
      const { before = first, stars, read, cut } = past;
      const further = await gradientSketch(problem, executor, stages, { stars, before, features }, rng);
      yield { atoms: first, nodes, read, cut, pooled: row, pooling, ...(further && { further }) };
      return;
    }
    const step: Omit<GrowthStep, "test"> = {
      problem,
      executor,
      product,
      features,
      from,
      together: first.together,
      limit,
      signal,
    };
    for (const test of await testsOf(from + 1, () => lowDegreeRows(nodes, { ...step, limit: mostCandidates }))) {
      if (signal.aborted) return;
      const { nodes: next, stars, ...counts } = await growTypes(nodes, { ...step, test });
      const [read, cut] = [past.read + counts.read, past.cut || counts.cut];
      if (next.degrees.length > 0) yield* grown(first, from + 1, next, { read, cut, before: nodes, stars });
      else yield { reason: noSurroundings(from + 2, counts.cut, limit), read };
    }
  };

  const unlimited = async (): Promise<CandidateRows> => {
    const found = await featureNodes(domain, { zeros: tests[0]!.zeros }, product);
    return "reason" in found ? { width: atoms.width, rows: new Float64Array(0) } : { ...found, rows: found.embeddings };
  };
  for (const test of await testsOf(0, unlimited)) {
    const first = questions[0] === "as it is" ? atoms : await featureNodes(domain, test, product);
    if ("reason" in first) yield { ...first, read: 0 };
    else if (first.degrees.length === 0) yield { reason: noSurroundings(1, false, limit), read: 0 };
    else yield* grown(first, 0, first, { read: 0, cut: false, stars: [] });
  }
}

function noSurroundings(layer: number, cut: boolean, limit: number): string {
  const why = cut
    ? `more than ${limit} surroundings of a node would have to be looked at`
    : "some of the graph leaves no trace in its gradient";
  return `No surroundings of nodes fit layer ${layer}: ${why}.`;
}
