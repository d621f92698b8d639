import type { ExecutorProduct, executorProduct, Problem, RowSpace } from "@recon/core";
import type { Executor } from "@recon/engine";
import { isGraphDomain } from "../../domain.ts";
import { type FeatureNodes, featureNodes } from "./atoms.ts";
import { type Growth, growTypes } from "./grow-types.ts";
import type { NodeTypes } from "./node-types.ts";
import { pooledRow, poolingOf } from "./pooled-row.ts";
import { stageSpace } from "./stage-space.ts";
import { type Stages, stagesOf } from "./stages.ts";

/** What the row spaces of the gradients say before anything is searched. */
export interface Survey {
  readonly stages: Stages;
  readonly features: number;
  /** Of every stage that layers read. */
  readonly spaces: readonly RowSpace[];
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
  const spaces: RowSpace[] = [];
  for (const stage of stages.nodes.slice(0, -1)) {
    const space = await stageSpace(problem, stage, noiseStd, product);
    if ("reason" in space) return space;
    spaces.push(space);
  }
  const atoms = await featureNodes(domain, spaces[0]!, product);
  return "reason" in atoms ? atoms : { stages, features, spaces, atoms };
}

/** The survey in words: ranks against widths, and how many nodes the first layer admits. */
export function outlookOf({ spaces, atoms }: Survey): string {
  const ranks = spaces.map(({ rank, width }) => `${rank} of ${width}`).join(", then ");
  const full = spaces.findIndex(({ rank, width }) => rank >= width);
  const saturated =
    full < 0
      ? ""
      : ` Layer ${full + 1} spans everything, so that it admits any row: the graph has as many different surroundings as the layer is wide, or more.`;
  return `The gradients span ${ranks} dimensions, a lower bound on how many different nodes and surroundings of nodes there are; of ${atoms.combinations} combinations of features ${atoms.choices.length} fit the first.${saturated}`;
}

export interface TypesFound {
  readonly nodes: NodeTypes;
  readonly read: number;
  readonly cut: boolean;
  readonly pooled: Float64Array;
  readonly pooling: "mean" | "sum";
}

/** Types of nodes at the last stage, and what the readout pooled of them. */
export async function typesOf(
  problem: Problem,
  survey: Survey,
  {
    executor,
    products,
    noiseStd,
    limit,
    signal,
  }: {
    readonly executor: Executor;
    readonly products: ReturnType<typeof executorProduct>;
    readonly noiseStd: number;
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<TypesFound | { readonly reason: string; readonly read: number }> {
  const { stages, features, spaces, atoms } = survey;
  let nodes: NodeTypes = atoms;
  let read = 0;
  let cut = false;
  for (let from = 0; from + 1 < stages.nodes.length; from++) {
    const space = spaces[from + 1];
    const grown: Growth = await growTypes(nodes, {
      problem,
      executor,
      product: products.product,
      features,
      from,
      ...(space && { space }),
      mayNeighbour: atoms.mayNeighbour,
      limit,
      signal,
    });
    nodes = grown.nodes;
    read += grown.read;
    cut ||= grown.cut;
    if (nodes.degrees.length === 0) {
      const why = cut
        ? `more than ${limit} surroundings of a node would have to be looked at`
        : "some surroundings of nodes leave no trace in the gradient";
      return { reason: `No surroundings of nodes fit layer ${from + 2}: ${why}.`, read };
    }
  }
  const pooling = await poolingOf(problem, executor, features);
  if (pooling === undefined) return { reason: "The readout reads neither a mean nor a sum over nodes.", read };
  const pooled = await pooledRow(problem, stages, noiseStd, products.product);
  if ("reason" in pooled) return { ...pooled, read };
  return { nodes, read, cut, pooled: pooled.row, pooling };
}
