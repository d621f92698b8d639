import type { NdArray } from "@recon/engine";
import type { Domain, StructurePrior, StructureScorer } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { demand, demandClose, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";
import { demandEqual, demandJson } from "../snapshot.ts";

export interface StructurePriorLawOptions extends Repetition {
  readonly domain: Domain;
  /** Shape of an item of the domain. */
  readonly shape: readonly number[];
}

type StructurePriorLaw = Law<StructurePrior, StructurePriorLawOptions>;

/** A drawn part of a drawn item, and what may stand in its place. */
function drawnPart(scorer: StructureScorer, shape: readonly number[], rng: Rng) {
  const item = scorer.sample(shape, rng.split("item"));
  const part = rng.integer(shape[0]!);
  return { item, part, alternatives: scorer.alternatives(item, part) };
}

const draws: StructurePriorLaw = {
  name: "a draw has the shape asked for, can exist, and follows the seed",
  check: async (make, { domain, shape }, rng) => {
    const scorer = await make().scorer(domain);
    const sample = scorer.sample(shape, rng.split("a"));
    demand(sample.shape.join() === shape.join(), `The draw has shape [${sample.shape}], not [${shape}].`);
    demand(Number.isFinite(scorer.logProbability(sample)), "The draw has probability 0.");
    demandEqual({ sample }, { sample: scorer.sample(shape, rng.split("a")) }, "Equal seeds give different draws");
    const others = Array.from({ length: 20 }, (_, i) => scorer.sample(shape, rng.split(`other ${i}`)));
    demand(
      others.some((other) => other.data.some((value, i) => value !== sample.data[i])),
      "Twenty other seeds give the same draw.",
    );
  },
};

const parts: StructurePriorLaw = {
  name: "alternatives differ from the item in the part alone, and the item is one of them",
  check: async (make, { domain, shape }, rng) => {
    const { item, part, alternatives } = drawnPart(await make().scorer(domain), shape, rng);
    const width = item.data.length / shape[0]!;
    const elsewhere = (i: number): boolean => Math.floor(i / width) !== part;
    for (const { item: other } of alternatives) {
      demand(
        other.shape.join() === item.shape.join(),
        `An alternative has shape [${other.shape}], not [${item.shape}].`,
      );
      demand(
        other.data.every((value, i) => value === item.data[i] || !elsewhere(i)),
        `An alternative for part ${part} differs elsewhere.`,
      );
    }
    const same = (other: NdArray): boolean => other.data.every((value, i) => value === item.data[i]);
    demand(
      alternatives.some((other) => same(other.item)),
      "The item that was drawn is not among its alternatives.",
    );
  },
};

const weights: StructurePriorLaw = {
  name: "alternatives differ by their probabilities, the most probable first",
  check: async (make, { domain, shape }, rng) => {
    const scorer = await make().scorer(domain);
    const { alternatives } = drawnPart(scorer, shape, rng);
    const [first] = alternatives;
    demand(first !== undefined, "There is no alternative, not even the item itself.");
    const least = scorer.logProbability(first!.item);
    let before = first!.logProbability;
    for (const { item, logProbability } of alternatives) {
      const wanted = scorer.logProbability(item) - least;
      demandClose(logProbability - first!.logProbability, wanted, 1e-9, 1, "The difference of two alternatives");
      demand(logProbability <= before, "A less probable alternative stands first.");
      before = logProbability;
    }
  },
};

const equal: StructurePriorLaw = {
  name: "two equal priors agree, and the options survive JSON",
  check: async (make, { domain, shape }, rng) => {
    const [a, b] = [make(), make()];
    demandJson(a.options, `The prior ${a.name}`);
    const [left, right] = await Promise.all([a.scorer(domain), b.scorer(domain)]);
    const item = left.sample(shape, rng);
    const [one, other] = [left.logProbability(item), right.logProbability(item)];
    demand(Object.is(one, other), `Two equal priors score ${one} and ${other}.`);
  },
};

/** What must hold of every prior over structures. */
export const structurePriorLaws: readonly StructurePriorLaw[] = [draws, parts, weights, equal];
