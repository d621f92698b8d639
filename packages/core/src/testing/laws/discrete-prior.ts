import type { DiscretePrior, Domain } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { demand, demandClose, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";
import { demandEqual, demandJson } from "../snapshot.ts";

export interface DiscretePriorLawOptions extends Repetition {
  readonly domain: Domain;
  /** Symbols of a drawn sequence; 7 unless said. */
  readonly length?: number;
}

type DiscretePriorLaw = Law<DiscretePrior, DiscretePriorLawOptions>;

const drawSymbols = (size: number, length: number, rng: Rng): number[] =>
  Array.from({ length }, () => rng.integer(size));

const distribution: DiscretePriorLaw = {
  name: "the probabilities of the next symbol are between 0 and 1, and their sum leaves something for the end",
  check: async (make, { domain, length = 7 }, rng) => {
    const scorer = make().scorer(domain);
    for (let before = 0; before <= length; before++) {
      const p = scorer.next(drawSymbols(scorer.size, before, rng));
      demand(p.length === scorer.size, `There are ${scorer.size} symbols and ${p.length} probabilities.`);
      demand(
        p.every((value) => value >= 0 && value <= 1),
        "A probability is not between 0 and 1.",
      );
      const sum = p.reduce((total, value) => total + value, 0);
      demand(sum <= 1 + 1e-9, `After ${before} symbols the probabilities sum to ${sum}.`);
    }
  },
};

const chain: DiscretePriorLaw = {
  name: "the probability of a sequence is the product of those of its symbols and its end",
  check: async (make, { domain, length = 7 }, rng) => {
    const scorer = make().scorer(domain);
    const symbols = drawSymbols(scorer.size, length, rng);
    const factors = symbols.map((symbol, i) => scorer.next(symbols.slice(0, i))[symbol]!);
    const end = 1 - scorer.next(symbols).reduce((total, value) => total + value, 0);
    const wanted = factors.reduce((product, factor) => product * factor, 1);
    const found = Math.exp(scorer.logProbability(symbols));
    // The end is a difference of numbers near 1.
    demand(
      Math.abs(found - wanted * end) <= 1e-9 * wanted,
      `The sequence has probability ${found}, and the product is ${wanted * end}.`,
    );
  },
};

const local: DiscretePriorLaw = {
  name: "a local change is worth the difference of the probabilities",
  check: async (make, { domain, length = 7 }, rng) => {
    const scorer = make().scorer(domain);
    const symbols = drawSymbols(scorer.size, length, rng.split("symbols"));
    for (let k = 0; k < 12; k++) {
      const draw = rng.split(`change ${k}`);
      const start = draw.integer(length + 1);
      const end = start + draw.integer(length + 1 - start);
      const replacement = drawSymbols(scorer.size, draw.integer(4), draw);
      const changed = [...symbols.slice(0, start), ...replacement, ...symbols.slice(end)];
      const wanted = scorer.logProbability(changed) - scorer.logProbability(symbols);
      const what = `${end - start} symbols at ${start} replaced by ${replacement.length}`;
      demandClose(scorer.change(symbols, start, end, replacement), wanted, 1e-9, 1, what);
    }
  },
};

const draws: DiscretePriorLaw = {
  name: "a draw has the shape asked for, is possible, and follows the seed",
  check: async (make, { domain, length = 7 }, rng) => {
    const scorer = make().scorer(domain);
    const sample = scorer.sample([length], rng.split("a"));
    demand(sample.shape.join() === `${length}`, `The draw has shape [${sample.shape}], not [${length}].`);
    const symbols = Array.from(sample.data);
    demand(
      symbols.every((symbol) => Number.isInteger(symbol) && symbol >= 0 && symbol < scorer.size),
      "The draw holds what is no symbol.",
    );
    demand(Number.isFinite(scorer.logProbability(symbols)), "The draw has probability 0.");
    demandEqual({ sample }, { sample: scorer.sample([length], rng.split("a")) }, "Equal seeds give different draws");
  },
};

const equal: DiscretePriorLaw = {
  name: "two equal priors agree, and the options survive JSON",
  check: async (make, { domain, length = 7 }, rng) => {
    const [a, b] = [make(), make()];
    demandJson(a.options, `The prior ${a.name}`);
    const symbols = drawSymbols(a.scorer(domain).size, length, rng);
    const [left, right] = [a, b].map((prior) => prior.scorer(domain).logProbability(symbols));
    demand(Object.is(left, right), `Two equal priors score ${left} and ${right}.`);
  },
};

/** What must hold of every prior over symbols. */
export const discretePriorLaws: readonly DiscretePriorLaw[] = [distribution, chain, local, draws, equal];
