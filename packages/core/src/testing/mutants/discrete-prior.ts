import type { DiscretePrior, DiscreteScorer } from "../../problem.ts";
import type { Mutant } from "./mutant.ts";

const size = 5;

/** p(next | last): a symbol is followed by itself or the one after it more often than by others, and everything ends with probability .1. */
function step(last: number | undefined): Float64Array {
  const p = Float64Array.from({ length: size }, (_, w) => (w === last ? 3 : w === ((last ?? 0) + 1) % size ? 2 : 1));
  const total = p.reduce((sum, value) => sum + value, 0);
  return p.map((value) => (0.9 * value) / total);
}

function scorer(): DiscreteScorer {
  const logProbability = (symbols: readonly number[]): number =>
    symbols.reduce((sum, symbol, i) => sum + Math.log(step(symbols[i - 1])[symbol]!), Math.log(0.1));
  return {
    size,
    logProbability,
    next: (before) => step(before.at(-1)),
    change: (symbols, start, end, replacement) =>
      logProbability([...symbols.slice(0, start), ...replacement, ...symbols.slice(end)]) - logProbability(symbols),
    sample: ([length = 1], rng) => ({
      shape: [length],
      data: Float64Array.from({ length }, () => rng.integer(size)),
    }),
  };
}

/** A first-order chain of five symbols, as plain as a prior over symbols can be. */
export function chainPrior(wrong: Partial<DiscreteScorer> = {}): DiscretePrior {
  const made = { ...scorer(), ...wrong };
  return { kind: "discrete", name: "chain", options: {}, scorer: () => made };
}

const right = scorer();

/** Priors over symbols that are wrong on purpose, each with the law that catches it. */
export const discretePriorMutants: readonly Mutant<DiscretePrior>[] = [
  {
    name: "probabilities that sum to more than 1",
    law: "the probabilities of the next symbol are between 0 and 1, and their sum leaves something for the end",
    make: () => chainPrior({ next: (before) => right.next(before).map((value) => value * 1.2) }),
  },
  {
    name: "the end is forgotten",
    law: "the probability of a sequence is the product of those of its symbols and its end",
    make: () => chainPrior({ logProbability: (symbols) => right.logProbability(symbols) - Math.log(0.1) }),
  },
  {
    name: "the symbol after a change is forgotten",
    law: "a local change is worth the difference of the probabilities",
    make: () =>
      chainPrior({
        change: (symbols, start, end, replacement) => right.change(symbols.slice(0, end), start, end, replacement),
      }),
  },
  {
    name: "draws that ignore the seed",
    law: "a draw has the shape asked for, is possible, and follows the seed",
    make: () => {
      let calls = 0;
      return chainPrior({
        sample: ([length = 1]) => ({ shape: [length], data: new Float64Array(length).fill(calls++ % size) }),
      });
    },
  },
  {
    name: "a weight that is not in the options",
    law: "two equal priors agree, and the options survive JSON",
    make: (() => {
      let made = 0;
      return () => {
        const weight = 1 + made++;
        return chainPrior({ logProbability: (symbols) => weight * right.logProbability(symbols) });
      };
    })(),
  },
];
