import { distancesFrom, type MatrixProduct, type Problem } from "@recon/core";
import type { Executor } from "@recon/engine";
import { type NeighbourRules, type NodeType, type NodeTypes, supported, widerTypes } from "./node-types.ts";
import type { StageTest } from "./stage-test.ts";
import { type Star, starProgram } from "./star-program.ts";
import type { CandidateRows } from "./widened-spaces.ts";

/** One step from stage to stage. */
export interface GrowthStep {
  readonly problem: Problem;
  readonly executor: Executor;
  readonly product: MatrixProduct;
  readonly features: number;
  /** The stage that the types were told apart at. */
  readonly from: number;
  readonly test: StageTest;
  readonly together: NeighbourRules["together"];
  /** Most types that are looked at. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Growth {
  readonly nodes: NodeTypes;
  /** The star that each type was read from, of types before. */
  readonly stars: readonly Star[];
  /** Types that were looked at. */
  readonly read: number;
  /** Whether more of them exist than the limit allows. */
  readonly cut: boolean;
}

const portion = 4096;

/** Types of nodes at the next stage that pass its test and can occur together. */
export async function growTypes(nodes: NodeTypes, step: GrowthStep): Promise<Growth> {
  const { problem, executor, features, from, limit, signal } = step;
  const program = starProgram(problem, executor, features, from);
  try {
    const hears = await hearsNeighbours(program, nodes);
    const kept: { readonly type: NodeType; readonly row: Float64Array }[] = [];
    let read = 0;
    let cut = false;
    const test = async (types: readonly NodeType[]): Promise<void> => {
      if (types.length === 0) return;
      const { width, rows } = await program.read(types, nodes);
      const passed = await membersOf(rows, width, step);
      for (const i of passed) kept.push({ type: types[i]!, row: rows.slice(i * width, (i + 1) * width) });
    };
    if (!hears) await test(nodes.degrees.map((_, centre) => ({ centre, around: [] })));
    else {
      // From few neighbours to many: what few admit restricts what many can have.
      for (const degree of [...new Set(nodes.degrees)].sort((a, b) => a - b)) {
        const pairs = new Set(kept.flatMap(({ type }) => type.around.map((kind) => `${type.centre} ${kind}`)));
        const rules: NeighbourRules = {
          together: step.together,
          each: (centre, neighbour) =>
            cut || nodes.degrees[neighbour]! >= degree || pairs.has(`${neighbour} ${centre}`),
        };
        let waiting: NodeType[] = [];
        for (const [centre, own] of nodes.degrees.entries()) {
          if (own !== degree || cut) continue;
          for (const type of widerTypes(nodes, centre, rules)) {
            if (read >= limit || signal.aborted) {
              cut = true;
              break;
            }
            read++;
            waiting.push(type);
            if (waiting.length < portion) continue;
            await test(waiting);
            waiting = [];
          }
        }
        await test(waiting);
      }
    }
    if (!hears) return { nodes: restricted(nodes, kept), stars: kept.map(({ type }) => type), read, cut };
    const together = new Set(supported(kept.map(({ type }) => type)));
    const left = kept.filter(({ type }) => together.has(type));
    return {
      nodes: {
        types: left.map(({ type }) => type),
        before: nodes,
        degrees: left.map(({ type }) => type.around.length),
        ...embedded(left.map(({ row }) => row)),
      },
      stars: left.map(({ type }) => type),
      read,
      cut,
    };
  } finally {
    await program.dispose();
  }
}

/** Rows of types of few neighbours at the next stage, untested, as many as the limit allows. */
export async function lowDegreeRows(
  nodes: NodeTypes,
  { problem, executor, features, from, together, limit }: Omit<GrowthStep, "test">,
): Promise<CandidateRows> {
  const program = starProgram(problem, executor, features, from);
  try {
    const hears = await hearsNeighbours(program, nodes);
    const rules: NeighbourRules = { together, each: () => true };
    const stars: Star[] = [];
    const centres = [...nodes.degrees.keys()].sort((a, b) => nodes.degrees[a]! - nodes.degrees[b]!);
    for (const centre of centres) {
      for (const type of hears ? widerTypes(nodes, centre, rules) : [{ centre, around: [] }]) {
        if (stars.length < limit) stars.push(type);
        else break;
      }
    }
    return stars.length === 0 ? { width: 0, rows: new Float64Array(0) } : await program.read(stars, nodes);
  } finally {
    await program.dispose();
  }
}

/** Places of the rows that pass the test of the stage. */
async function membersOf(
  rows: Float64Array,
  width: number,
  { test: { space, zeros }, product, problem }: GrowthStep,
): Promise<number[]> {
  const row = (i: number): Float64Array => rows.subarray(i * width, (i + 1) * width);
  const count = rows.length / width;
  const places = Array.from({ length: count }, (_, i) => i).filter((i) => {
    const own = row(i);
    const bound = zeroShare[problem.observationPrecision] * Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    return zeros.every((column) => Math.abs(own[column]!) <= bound);
  });
  if (space === undefined || places.length === 0) return places;
  const data = new Float64Array(places.length * width);
  places.forEach((i, at) => {
    data.set(row(i), at * width);
  });
  const { statistics } = await distancesFrom(space, { rows: places.length, cols: width, data }, product);
  // A row of zeros leaves no trace in a gradient, so nothing speaks against it.
  return places.filter((i, at) => statistics[at]! <= 1 || row(i).every((x) => x === 0));
}

/** Rounding of a row's entries, as a share of the row. */
const zeroShare = { float32: 1e-6, float64: 1e-12 } as const;

/** Whether what lies between two stages mixes rows of neighbours. */
async function hearsNeighbours(
  program: ReturnType<typeof starProgram>,
  { width, embeddings }: NodeTypes,
): Promise<boolean> {
  const first = embeddings.slice(0, width);
  const other = first.map((value, i) => value + Math.cos(i + 1));
  const known = { width, embeddings: Float64Array.of(...first, ...other), degrees: [1, 1] };
  const stars: Star[] = [
    { centre: 0, around: [] },
    { centre: 0, around: [1] },
  ];
  const { width: after, rows } = await program.read(stars, known);
  return rows.subarray(0, after).some((value, i) => value !== rows[after + i]);
}

/** The same types with the rows of another stage, those only that are left. */
function restricted(
  nodes: NodeTypes,
  kept: readonly { readonly type: NodeType; readonly row: Float64Array }[],
): NodeTypes {
  const places = kept.map(({ type }) => type.centre);
  return {
    ...(nodes.types && { types: places.map((i) => nodes.types![i]!) }),
    ...(nodes.before && { before: nodes.before }),
    degrees: places.map((i) => nodes.degrees[i]!),
    ...embedded(kept.map(({ row }) => row)),
  };
}

function embedded(rows: readonly Float64Array[]): { readonly width: number; readonly embeddings: Float64Array } {
  const width = rows[0]?.length ?? 0;
  const embeddings = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    embeddings.set(row, i * width);
  });
  return { width, embeddings };
}
