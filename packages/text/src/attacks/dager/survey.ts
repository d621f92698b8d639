import { type ExecutorProduct, executorProduct, knownNoise, type Problem, type Rng } from "@recon/core";
import type { Executor, LinearLayer } from "@recon/engine";
import { isTextDomain } from "../../domain.ts";
import { attentionLayers } from "../../structure/attention-layers.ts";
import { type Candidates, candidatesOf } from "./candidates.ts";
import { seesBackOnly } from "./causality.ts";
import { type LayerSpace, layerSpaces } from "./layer-space.ts";
import { type TokenGraph, tokenGraph } from "./token-graph.ts";

/** What can be known of a batch of texts before any of them is searched. */
export interface Survey {
  /** The row space of the first attention's gradient, whose layers read a function of id and place. */
  readonly first: LayerSpace;
  /** The row space that contexts are compared with. */
  readonly context: LayerSpace;
  readonly candidates: Candidates;
  readonly graph: TokenGraph;
  /** Whether a place sees only itself and those before it. */
  readonly causal: boolean;
  /** Gradients that could not be used, a sentence each. */
  readonly refused: readonly string[];
}

/** What a survey works with. */
export interface SurveyContext {
  readonly executor: Executor;
  readonly rng: Rng;
  readonly products: ExecutorProduct;
}

/** A gap behind which no true direction hides. */
const clearGap = 100;

/** Looks at the gradients of the layers around the first attention. @returns the survey, or a sentence that says why there is none. */
export async function surveyOf(
  problem: Problem,
  context: SurveyContext,
): Promise<Survey | { readonly reason: string }> {
  const { products, executor, rng } = context;
  const noiseStd = knownNoise(problem);
  const layers = attentionLayers(problem.model);
  const { best: first, refused: refusedFirst } = await clearSpace(problem, noiseStd, context, layers.placewise);
  if (first === undefined) {
    return { reason: reasonOf(refusedFirst, "no layer reads a function of id and place alone") };
  }
  // The input of the attention's own last layer is a mixture of other places: it holds the least of the id at its own place and comes last.
  const [mixture, ...others] = layers.contextual;
  const behind = [...others, ...(mixture === undefined ? [] : [mixture])];
  const { best: space, refused } = await clearSpace(problem, noiseStd, context, behind);
  const vocabulary = isTextDomain(problem.domain) ? problem.domain.tokenizer.pieces.map((_, id) => id) : [];
  const { rank, width } = first.space;
  if (rank >= width) {
    return {
      reason: `The rows of ${first.layers[0]!.weight} span all ${width} dimensions, so every id is admitted at every place: the batch has as many tokens as the layer is wide, or more.`,
    };
  }
  if (space === undefined) return { reason: reasonOf(refused, "no layer reads a context") };
  if (space.space.rank >= space.space.width) {
    return {
      reason: `The contexts span all ${space.space.width} dimensions of ${space.layers[0]!.weight}: the batch has as many tokens as the layer is wide, or more, and no text can be told from another.`,
    };
  }
  const candidates = await candidatesOf(
    problem,
    { executor, rng },
    first,
    vocabulary,
    products.product,
    expectedPlaces(problem, space),
  );
  const causal = await seesBackOnly(problem, executor, space.layers[0]!);
  return {
    first,
    context: space,
    candidates,
    graph: tokenGraph(candidates),
    causal,
    refused: [...refusedFirst, ...refused],
  };
}

/** Places up to which texts probably go: a quarter more than their mean length where the batch size is told, and one behind. */
function expectedPlaces({ knowledge }: Problem, { space: { rank } }: LayerSpace): number | undefined {
  const told = knowledge.batchSize;
  return typeof told === "number" ? Math.ceil(((told > 1 ? 1.25 : 1) * rank) / told) + 1 : undefined;
}

/** Of the row spaces of layers the first whose spectrum ends in a clear gap, or else the one of highest rank. */
async function clearSpace(
  problem: Problem,
  noiseStd: number,
  { products }: SurveyContext,
  layers: readonly LinearLayer[],
): Promise<{ readonly best?: LayerSpace; readonly refused: readonly string[] }> {
  const refused: string[] = [];
  let best: LayerSpace | undefined;
  for (const tensor of new Set(layers.map(({ input }) => input))) {
    const alike = layers.filter(({ input }) => input === tensor);
    const spaces = await layerSpaces(problem, alike, noiseStd, products.product);
    refused.push(...spaces.refused);
    const [one] = spaces.found;
    if (one === undefined) continue;
    const { rank, width, gap } = one.space;
    if (gap >= clearGap && rank < width) return { best: one, refused };
    if (best === undefined || (rank > best.space.rank && rank < width)) best = one;
  }
  return { ...(best && { best }), refused };
}

const reasonOf = (refused: readonly string[], otherwise: string): string =>
  refused.length > 0 ? refused.join(" ") : `The model has no attention to read: ${otherwise}.`;

/** What a survey says before the attack, in sentences. */
export function outlookOf({ graph, first, context, causal }: Survey): string {
  const { ids, places, components, pairs, rank } = graph;
  if (pairs === 0) {
    return `No id of the vocabulary is admitted at the first place by the gradient of ${first.layers[0]!.weight}, whose rank is ${first.space.rank}: tokenizer and model do not belong together, or the observation is of other weights.`;
  }
  const shape = `${pairs} (id, place) pairs are admitted: ${ids} ids at ${places} places in ${components} component${components === 1 ? "" : "s"}, T + P − components = ${rank}, rank of the gradient ${first.space.rank}`;
  const contexts = `the batch holds ${context.space.rank} different contexts by the gradient of ${context.layers[0]!.weight}`;
  if (unambiguous(graph, first)) {
    return `${shape}. These pairs are independent, so every one of them occurs; ${contexts}.`;
  }
  const sizes = `between 1 and ${graph.closure} pairs, ${(pairs / places).toFixed(1)} ids a place, come into question`;
  const then = causal
    ? "texts are taken apart from their beginnings, which the contexts decide"
    : "which of them occur is decided by the contexts alone, and the search may not find it";
  return `${shape}. The batch is ambiguous at its first layer: the graph has cycles or more pairs than the rank, so sums of other pairs are admitted; ${sizes}; ${then}; ${contexts}.`;
}

/** Whether every admitted pair occurs: the pairs are independent and as many as the rank. */
export function unambiguous(graph: TokenGraph, first: LayerSpace): boolean {
  return graph.pairs === first.space.rank;
}

/** A survey by itself, with its own products. */
export async function surveyAlone(
  problem: Problem,
  executor: Executor,
  rng: Rng,
): Promise<Survey | { readonly reason: string }> {
  const products = executorProduct(executor);
  try {
    return await surveyOf(problem, { executor, rng, products });
  } finally {
    await products.dispose();
  }
}
