import {
  type Applicability,
  type Attack,
  type AttackContext,
  clause,
  conclude,
  executorProduct,
  fitOf,
  type Problem,
  type Progress,
  type Solution,
} from "@recon/core";
import { checkOptions, integer } from "@recon/core/options";
import { isTextDomain } from "../../domain.ts";
import { batchOfIds } from "../../ids.ts";
import { attentionLayers } from "../../structure/attention-layers.ts";
import { complementDirections } from "./complement.ts";
import { contextTest } from "./contexts.ts";
import { type LabelledText, labelsOf } from "./labels.ts";
import { shareAlong } from "./layer-reader.ts";
import { type Peeled, peel } from "./peel.ts";
import { growPrefixes } from "./prefixes.ts";
import { outlookOf, type Survey, surveyAlone, surveyOf } from "./survey.ts";

export interface DagerOptions {
  /** Most texts whose contexts may be read, 200 000 unless said. */
  readonly readings?: number;
}

/**
 * The texts of a batch from the row spaces of two gradients: that of the first attention admits ids at places, that of a layer behind it decides which of them make a text.
 *
 * Where a place sees only those before it, texts grow from their beginnings; where it sees all, a descent finds one text after the other. Lengths and labels follow.
 * Everything is certified by the gradient of the whole batch.
 *
 * @throws ReconError `bad-option`.
 * @see Petrov et al., "DAGER: exact gradient inversion for large language models", NeurIPS 2024.
 */
export function dager(options: DagerOptions = {}): Attack {
  checkOptions("dager", options, { readings: integer(1, 100_000_000) });
  const { readings = 200_000 } = options;
  const attack: Attack = {
    name: "dager",
    options: { ...options },
    cite: "Petrov et al., DAGER: exact gradient inversion for large language models, NeurIPS 2024",
    needs: ["architecture", "weights"],
    applies,
    foresee: async (problem, { executor, rng }) => {
      const survey = await surveyAlone(problem, executor, rng.split("dager survey"));
      return "reason" in survey ? survey.reason : outlookOf(survey);
    },
    exact: () => [attack],
    run: (problem, context) => run(problem, context, readings),
  };
  return attack;
}

function applies({ model, domain, operator }: Problem): Applicability {
  if (!isTextDomain(domain)) return { reason: `the data is of the domain ${domain.name} and not text` };
  if (operator.name !== "gradient")
    return { reason: `it reads a gradient, and the observation is of ${operator.name}` };
  if (Object.keys(model.nuisances ?? {}).length > 0) {
    return { reason: "the client draws at random what the layers read, so their inputs are not those of ids" };
  }
  const { placewise, contextual } = attentionLayers(model);
  if (placewise.length === 0) return { reason: `no layer of ${model.name} reads a function of id and place alone` };
  if (contextual.length === 0) return { reason: `no layer of ${model.name} reads what a first attention gives` };
  return true;
}

/** Texts found in a batch. */
interface Found {
  /** Texts that must occur. */
  readonly texts: readonly (readonly number[])[];
  /** Texts that may occur beside them. */
  readonly further: readonly (readonly number[])[];
  readonly readings: number;
  readonly left: number;
  readonly ended: string;
}

async function* run(
  problem: Problem,
  context: AttackContext,
  limit: number,
): AsyncGenerator<Progress | Solution, void> {
  const products = executorProduct(context.executor);
  const rng = context.rng.split("dager survey");
  try {
    const survey = await surveyOf(problem, { executor: context.executor, rng, products });
    if ("reason" in survey) {
      yield nothing(problem, survey.reason, 0);
      return;
    }
    const outlook = outlookOf(survey);
    yield { kind: "progress", evaluations: 0, fraction: 0.3, objective: Number.NaN, message: `dager: ${outlook}` };
    if (survey.graph.pairs === 0) {
      yield nothing(problem, outlook, 0);
      return;
    }
    const found = survey.causal
      ? await growTexts(problem, survey, context, products.product)
      : await peelTexts(problem, survey, context, products.product, limit);
    yield { kind: "progress", evaluations: found.readings, fraction: 0.8, objective: found.left };
    yield await concluded(problem, context, survey, found);
  } finally {
    await products.dispose();
  }
}

async function peelTexts(
  problem: Problem,
  survey: Survey,
  { executor, rng, signal }: AttackContext,
  product: Parameters<typeof contextTest>[4],
  limit: number,
): Promise<Found> {
  const peeled: Peeled = await peel(problem, survey, { executor, rng: rng.split("peel"), signal, product, limit });
  return { ...peeled, texts: distinct(peeled.texts), further: [] };
}

async function growTexts(
  problem: Problem,
  { candidates, context }: Survey,
  { executor, rng, signal }: AttackContext,
  product: Parameters<typeof contextTest>[4],
): Promise<Found> {
  const { space, layers, biased } = context;
  const places = candidates.length;
  const directions = complementDirections(space, rng.split("prefixes"));
  const reading = { layer: layers[0]!, rows: 128, places, precision: "float32" as const };
  const screen = await shareAlong(problem, executor, reading, directions, biased);
  const test = await contextTest(problem, executor, context, places, product);
  try {
    const tilt =
      (space.std / space.values[space.rank - 1]!) ** 2 * (directions.cols + 6 * Math.sqrt(2 * directions.cols));
    const bound = tilt + space.rounding ** 2 + (256 * 2 ** -23) ** 2;
    const grown = await growPrefixes(candidates, screen, bound, test, 2 * space.rank, signal);
    const ends = new Set(grown.ends.map((text) => text.join()));
    return {
      texts: grown.ends,
      further: grown.all.filter((text) => !ends.has(text.join())),
      readings: grown.readings,
      left: Math.max(0, space.rank - grown.all.length),
      ended: grown.cut ? "more beginnings were admitted than were followed" : "no beginning goes on",
    };
  } finally {
    await screen.dispose();
    await test.dispose();
  }
}

/** Residual in float64 from which on the fit is looked at in the victim's own precision too. */
const kinkResidual = 1e-5;

/** The solution that found texts make: with labels where the head tells them. */
async function concluded(
  problem: Problem,
  { executor }: AttackContext,
  survey: Survey,
  found: Found,
): Promise<Solution> {
  const { texts, further, readings, left, ended } = found;
  if (texts.length === 0) return nothing(problem, `No text was found: ${ended}.`, readings, false);
  const told = problem.knowledge.batchSize;
  let labelled = await labelsOf(problem, executor, texts);
  if ("reason" in labelled && further.length > 0) labelled = await labelsOf(problem, executor, [...texts, ...further]);
  const items: readonly LabelledText[] =
    "batch" in labelled ? labelled.batch : texts.map((text) => ({ text, label: 0 }));
  const classes = problem.model.target.shape[0]!;
  const places = Math.max(...items.map(({ text }) => text.length));
  const input = batchOfIds(
    items.map(({ text }) => text),
    places,
  );
  const target = { shape: [items.length, classes], data: new Float64Array(items.length * classes) };
  items.forEach(({ label }, i) => {
    target.data[i * classes + label] = 1;
  });
  // Where float64 disagrees by more than rounding, a unit of a ReLU may lie on the other side of its kink than the victim saw it.
  const { residual: direct } = await fitOf(problem, executor, { input, target });
  const { residual: asSent } =
    direct > kinkResidual && direct < 1
      ? await fitOf(problem, executor, { input, target }, problem.observationPrecision)
      : { residual: direct };
  const residual = Math.min(direct, asSent);
  const settled = "batch" in labelled && left === 0;
  const contexts = survey.context.space.rank;
  return {
    kind: "solution",
    value: { input, target },
    residual,
    given: ["architecture", "weights", "lossKind", ...(typeof told === "number" ? ["batchSize"] : [])],
    evaluations: readings + 1,
    trace: [],
    ...conclude(problem, {
      residual,
      samples: items.length,
      ...(settled && {
        identity: {
          name: `the rank of the contexts, ${contexts}, all of them those of these texts,`,
          symmetry: "the order of the batch",
        },
      }),
      ended: "reason" in labelled ? `${ended}; ${labelled.reason}` : ended,
    }),
    explanation: outlookOf(survey),
  };
}

/** The solution where no text was found: a blind guess, and why; `undetermined` where the observation does not give texts away. */
function nothing(problem: Problem, reason: string, evaluations: number, undetermined = true): Solution {
  const { model, domain } = problem;
  const told = problem.knowledge.batchSize;
  const batch = typeof told === "number" ? told : 1;
  const guess = domain.blind(model.input.shape).data;
  const classes = model.target.shape[0]!;
  const repeated = Float64Array.from({ length: batch * guess.length }, (_, i) => guess[i % guess.length]!);
  return {
    kind: "solution",
    value: {
      input: { shape: [batch, ...model.input.shape], data: repeated },
      target: { shape: [batch, classes], data: new Float64Array(batch * classes).fill(1 / classes) },
    },
    residual: Number.NaN,
    given: ["architecture", "weights"],
    evaluations,
    trace: [],
    ...conclude(problem, {
      residual: Number.NaN,
      samples: batch,
      ...(undetermined && { undetermined: clause(reason) }),
      ended: clause(reason),
    }),
  };
}

function distinct(texts: readonly (readonly number[])[]): (readonly number[])[] {
  return [...new Map(texts.map((text) => [text.join(), text])).values()];
}
