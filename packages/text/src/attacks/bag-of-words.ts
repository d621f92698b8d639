import {
  type Attack,
  type AttackContext,
  conclude,
  fitOf,
  type Problem,
  recoveredTargets,
  type Solution,
} from "@recon/core";
import { checkOptions } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import { noToken } from "../ids.ts";
import { type VisibleTokens, visibleTokens } from "./bag-of-words-evidence.ts";
import { toldLengths } from "./lamp/told-lengths.ts";

/**
 * The tokens of a batch off the gradient of a trained table of embeddings, without their order: exact as a set where nothing was hidden, and no more than a set.
 *
 * The texts it hands back hold each id once, in the order of the vocabulary, dealt out by the lengths that were told or seen.
 *
 * @throws ReconError `bad-option`: it takes none.
 * @see Gupta et al., "Recovering private text in federated learning of language models", NeurIPS 2022, section 4.1.
 */
export function bagOfWords(options: Readonly<Record<string, unknown>> = {}): Attack {
  checkOptions("bag-of-words", options, {});
  return {
    name: "bag-of-words",
    options: {},
    cite: "Gupta et al., Recovering Private Text in Federated Learning of Language Models, NeurIPS 2022, section 4.1",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => {
      const seen = visibleTokens(problem);
      if (!("ids" in seen)) return seen;
      const targets = recoveredTargets(problem, problem.knowledge.batchSize as number);
      return "value" in targets ? true : targets;
    },
    foresee: async (problem) => {
      const seen = visibleTokens(problem);
      if (!("ids" in seen)) return "";
      const length = seen.longest === undefined ? "" : `, and the longest text has ${seen.longest} of them`;
      return `The gradient of the table of embeddings names ${seen.ids.length} tokens of the batch${length}.`;
    },
    run: async function* (problem, context) {
      yield await solve(problem, context);
    },
  };
}

async function solve(problem: Problem, { executor }: AttackContext): Promise<Solution> {
  const batch = problem.knowledge.batchSize as number;
  const seen = visibleTokens(problem) as VisibleTokens;
  const targets = recoveredTargets(problem, batch) as { readonly value: NdArray; readonly given: readonly string[] };
  const told = toldLengths(problem);
  const lengths = Array.isArray(told) ? told : undefined;
  const value = { input: dealt(seen, batch, lengths, problem.model.input.shape[0]!), target: targets.value };
  const { residual } = await fitOf(problem, executor, value);
  const ended = `${seen.reason}, which says what occurs${seen.complete ? "" : ", as far as the channel shows it"}, not how often, in which order and in which text`;
  return {
    kind: "solution",
    value,
    residual,
    given: [
      ...new Set(["architecture", "weights", "batchSize", ...targets.given, ...(lengths ? ["sequenceLengths"] : [])]),
    ],
    evaluations: 1,
    trace: [{ evaluations: 1, objective: residual }],
    ...conclude(problem, { residual, samples: batch, ended }),
  };
}

/** Ids [B, T] dealt out one after the other: to each text its length where lengths are known, else equal shares. */
function dealt(seen: VisibleTokens, batch: number, lengths: readonly number[] | undefined, most: number): NdArray {
  const share = Math.min(seen.longest ?? most, Math.ceil(seen.ids.length / batch));
  const texts: number[][] = Array.from({ length: batch }, () => []);
  const room = (b: number): number => (lengths?.[b] ?? share) - texts[b]!.length;
  for (const id of seen.ids) {
    const next = texts.map((_, b) => b).sort((a, b) => room(b) - room(a))[0]!;
    if (room(next) > 0) texts[next]!.push(id);
  }
  const extent = Math.max(1, ...texts.map(({ length }) => length));
  const data = new Float64Array(batch * extent).fill(noToken);
  texts.forEach((text, b) => {
    // A text of none of the ids still is one: an empty row would not be an input.
    data.set(text.length > 0 ? text : seen.ids.slice(0, 1), b * extent);
  });
  return { shape: [batch, extent], data };
}
