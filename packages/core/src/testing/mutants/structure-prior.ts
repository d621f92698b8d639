import type { NdArray } from "@recon/engine";
import type { Alternative, StructurePrior, StructureScorer } from "../../problem.ts";
import type { Mutant } from "./mutant.ts";

/** −½ (1 − r_i r_{i+1}) for neighbouring signs r: equal ones are e times as probable. */
function logProbability({ data }: NdArray): number {
  let total = 0;
  for (let i = 1; i < data.length; i++) total -= (1 - data[i - 1]! * data[i]!) / 2;
  return data.every((value) => Math.abs(value) === 1) ? total : Number.NEGATIVE_INFINITY;
}

function alternatives({ shape, data }: NdArray, part: number): readonly Alternative[] {
  return [-1, 1]
    .map((sign) => ({ shape, data: Float64Array.from(data, (value, i) => (i === part ? sign : value)) }))
    .map((item) => ({ item, logProbability: logProbability(item) }))
    .sort((a, b) => b.logProbability - a.logProbability);
}

const right: StructureScorer = {
  logProbability,
  alternatives,
  sample: (shape, rng) => ({
    shape,
    data: Float64Array.from({ length: shape[0]! }, () => (rng.uniform() < 0.5 ? -1 : 1)),
  }),
};

/** Rows of signs of which neighbours like to agree, as plain as a prior over structures can be. */
export function signsPrior(wrong: Partial<StructureScorer> = {}): StructurePrior {
  const made = { ...right, ...wrong };
  return { kind: "structure", name: "signs", options: {}, scorer: async () => made };
}

/** Priors over structures that are wrong on purpose, each with the law that catches it. */
export const structurePriorMutants: readonly Mutant<StructurePrior>[] = [
  {
    name: "draws that cannot exist",
    law: "a draw has the shape asked for, can exist, and follows the seed",
    make: () =>
      signsPrior({
        sample: (shape, rng) => ({ shape, data: Float64Array.from({ length: shape[0]! }, () => rng.integer(3) - 1) }),
      }),
  },
  {
    name: "one draw for all seeds",
    law: "a draw has the shape asked for, can exist, and follows the seed",
    make: () => signsPrior({ sample: (shape) => ({ shape, data: new Float64Array(shape[0]!).fill(1) }) }),
  },
  {
    name: "a part that carries its neighbour along",
    law: "alternatives differ from the item in the part alone, and the item is one of them",
    make: () =>
      signsPrior({
        alternatives: ({ shape, data }, part) =>
          [-1, 1].map((sign) => {
            const item = {
              shape,
              data: Float64Array.from(data, (value, i) =>
                i === part || i === part + 1 || i === part - 1 ? sign : value,
              ),
            };
            return { item, logProbability: logProbability(item) };
          }),
      }),
  },
  {
    name: "one of two neighbours is forgotten",
    law: "alternatives differ by their probabilities, the most probable first",
    make: () =>
      signsPrior({
        alternatives: (item, part) =>
          alternatives(item, part).map((other) => {
            const { data } = other.item;
            return { ...other, logProbability: part === 0 ? 0 : -(1 - data[part - 1]! * data[part]!) / 2 };
          }),
      }),
  },
  {
    name: "a weight that is not in the options",
    law: "two equal priors agree, and the options survive JSON",
    make: (() => {
      let made = 0;
      return () => {
        const weight = 1 + made++;
        return signsPrior({ logProbability: (item) => weight * (logProbability(item) - 1) });
      };
    })(),
  },
];
