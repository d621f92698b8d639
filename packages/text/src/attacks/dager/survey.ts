import { type ExecutorProduct, executorProduct, knownNoise, type Problem, type Rng } from "@recon/core";
import type { Executor, LinearLayer } from "@recon/engine";
import { isTextDomain } from "../../domain.ts";
import { attentionLayers, tensorRead } from "../../structure/attention-layers.ts";
import { type Candidates, candidatesOf } from "./candidates.ts";
import { seesBackOnly } from "./causality.ts";
import { contextTest } from "./contexts.ts";
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
  const { rank } = first.space;
  if (space === undefined) return { reason: reasonOf(refused, "no layer reads a context") };
  const full = [first, space].find((one) => one.space.rank >= one.space.width);
  if (full !== undefined) {
    return {
      reason: `The gradient of ${full.layers[0]!.weight} has full rank, ${full.space.width}, so that it admits every ${full === first ? "id" : "text"}: ${tooMany}, or the channel changed entries of it.`,
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
  if (candidates[0]?.length === vocabulary.length && vocabulary.length > rank) {
    return {
      reason: `The rows of ${first.layers[0]!.weight} span all that its inputs can be, ${rank} dimensions, and every id is admitted: ${tooMany}.`,
    };
  }
  if (await holdsAnything(problem, context, space, vocabulary)) {
    return {
      reason: `The contexts span all that the inputs of ${space.layers[0]!.weight} can be, ${space.space.rank} dimensions, so no text can be told from another: ${tooMany}. What remains are the ids that the first layer admits.`,
    };
  }
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

const tooMany =
  "the batch has as many tokens as the layer is wide, or more, and the guarantee of an exact answer is gone";

/** Whether texts drawn at random lie in a space of contexts: it then says nothing of any text. */
async function holdsAnything(
  problem: Problem,
  { executor, rng, products }: SurveyContext,
  space: LayerSpace,
  vocabulary: readonly number[],
): Promise<boolean> {
  const places = Math.min(4, problem.model.input.shape[0]!);
  const random = rng.split("probe");
  const texts = Array.from({ length: 4 }, () =>
    Array.from({ length: places }, () => vocabulary[random.integer(vocabulary.length)]!),
  );
  const test = await contextTest(problem, executor, space, places, products.product);
  try {
    return (await test.test(texts)).every((statistics) => statistics.every((value) => value <= 1));
  } finally {
    await test.dispose();
  }
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
  for (const tensor of new Set(layers.map(tensorRead))) {
    const alike = layers.filter((layer) => tensorRead(layer) === tensor);
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
