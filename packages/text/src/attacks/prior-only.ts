import {
  type Applicability,
  type Attack,
  type AttackContext,
  type DiscretePrior,
  type DiscreteScorer,
  fitOf,
  givenTargets,
  type Prior,
  type Problem,
  type Rng,
  type Solution,
} from "@recon/core";
import { type NdArray, sizeOf } from "@recon/engine";
import { isTextDomain } from "../domain.ts";
import { batchOfIds } from "../ids.ts";
import { languageModel } from "../priors/language-model.ts";
import { frameOf } from "../tokenizers/frame.ts";
import { toldLengths } from "./lamp/told-lengths.ts";

/**
 * Texts drawn from a language model, whatever was observed: a control that shows what a prior alone is worth.
 *
 * Lengths are those that were told, else as the prior has them; what the tokenizer puts around every text stands around each draw. The observation enters the residual only, which says how badly the draw explains it.
 *
 * @param priors the first one over symbols is drawn from; the package's language model where there is none.
 */
export function priorOnly(priors: readonly Prior[] = []): Attack {
  const prior = priors.find((one): one is DiscretePrior => one.kind === "discrete") ?? languageModel();
  return {
    name: "prior-only",
    options: { prior: { name: prior.name, options: prior.options } },
    cite: "A control: draws from the prior, without the observation",
    needs: ["batchSize"],
    applies: ({ domain }): Applicability => isTextDomain(domain) || { reason: "the data is not text" },
    run: async function* (problem, context) {
      yield await drawn(problem, prior.scorer(problem.domain), context);
    },
  };
}

async function drawn(problem: Problem, scorer: DiscreteScorer, { executor, rng }: AttackContext): Promise<Solution> {
  const batch = problem.knowledge.batchSize as number;
  const most = problem.model.input.shape[0]!;
  const told = toldLengths(problem);
  const lengths = Array.isArray(told) ? told : undefined;
  const { before, after } = isTextDomain(problem.domain)
    ? frameOf(problem.domain.tokenizer)
    : { before: [], after: [] };
  const around = before.length + after.length;
  const texts = Array.from({ length: batch }, (_, b) => {
    const draw = rng.split(`text ${b}`);
    const length = lengths?.[b] ?? around + lengthOf(scorer, most - around, draw.split("length"));
    const words = length > around ? Array.from(scorer.sample([length - around], draw).data) : [];
    return [...before, ...words, ...after].slice(0, length);
  });
  const targets = givenTargets(problem, batch);
  const value = { input: batchOfIds(texts), target: "value" in targets ? targets.value : undecided(problem, batch) };
  const { residual } = await fitOf(problem, executor, value);
  const reason = "it was drawn from the prior and looked at nothing else";
  return {
    kind: "solution",
    value,
    residual,
    certificate: { level: "none", reason },
    verdict: "budget spent",
    reason,
    given: ["batchSize", ...(lengths ? ["sequenceLengths"] : []), ...("value" in targets ? targets.given : [])],
    evaluations: 1,
    trace: [{ evaluations: 1, objective: residual }],
  };
}

/** How long a draw gets that ends when the prior ends it: at least 1, at most `most`. */
function lengthOf({ next }: DiscreteScorer, most: number, rng: Rng): number {
  const symbols: number[] = [];
  while (symbols.length < most) {
    let left = rng.uniform();
    const symbol = next(symbols).findIndex((p) => {
      left -= p;
      return left < 0;
    });
    if (symbol < 0) break;
    symbols.push(symbol);
  }
  return Math.max(1, symbols.length);
}

/** Every class as probable as any other. */
function undecided({ model }: Problem, batch: number): NdArray {
  const shape = [batch, ...model.target.shape];
  return { shape, data: new Float64Array(sizeOf(shape)).fill(1 / model.target.shape.at(-1)!) };
}
