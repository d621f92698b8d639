import { constant, input, type Shape, scalar, sizeOf } from "@recon/engine";
import type { Prior } from "../../problem.ts";
import { rng } from "../../random.ts";
import { discretePriorLaws } from "../laws/discrete-prior.ts";
import { priorLaws } from "../laws/prior.ts";
import { structurePriorLaws } from "../laws/structure-prior.ts";
import type { Sample } from "./sample.ts";
import { type Skip, type Suite, saidBy, suite } from "./suite.ts";

/** The laws of a prior, by its kind. */
export async function priorSuite(make: () => Prior, sample: Sample): Promise<Suite | Skip> {
  const prior = make();
  if (prior.kind === "discrete" || prior.kind === "structure") return overStructures(make, prior, sample);
  const shape = sample.shapes.map((item): Shape => [2, ...item]).find((batch) => takes(prior, batch));
  if (shape === undefined) {
    const tried = sample.shapes.map((item) => `[${item.join(", ")}]`).join(", ");
    return { skipped: `it takes no item of ${tried}; say which with --shape` };
  }
  return suite(`${prior.kind}, items of [${shape.slice(1).join(", ")}]`, priorLaws, make, { shape });
}

type NumericPrior = Extract<Prior, { kind: "energy" | "generator" | "denoiser" }>;

/** Whether a prior is made for a shape: building its graph says so, nothing is computed. */
function takes(prior: NumericPrior, shape: Shape): boolean {
  const unknown = constant(new Float64Array(sizeOf(shape)), shape);
  try {
    if (prior.kind === "energy") prior.energy(unknown);
    else if (prior.kind === "denoiser") prior.denoise(unknown, scalar(prior.sigmaRange[0]));
    else {
      const latent = Object.entries(prior.init(shape, rng(1)));
      prior.decode(Object.fromEntries(latent.map(([name, array]) => [name, input(name, array.shape)])), shape);
    }
    return true;
  } catch (error) {
    saidBy(error);
    return false;
  }
}

async function overStructures(
  make: () => Prior,
  prior: Extract<Prior, { kind: "discrete" | "structure" }>,
  { domain, items, closed }: Sample,
): Promise<Suite | Skip> {
  const [first] = items;
  if (domain === undefined || first === undefined) {
    return { skipped: closed ?? "it needs a domain: the plugin has no data source to take one from" };
  }
  try {
    await prior.scorer(domain);
  } catch (error) {
    return { skipped: saidBy(error) };
  }
  const again =
    <Kind extends Prior["kind"]>(kind: Kind) =>
    () => {
      const made = make();
      if (made.kind !== kind)
        throw new TypeError(`The factory made a prior of the kind ${made.kind}, then of ${kind}.`);
      return made as Extract<Prior, { kind: Kind }>;
    };
  if (prior.kind === "discrete") return suite("discrete", discretePriorLaws, again("discrete"), { domain });
  const { shape } = first.input;
  return suite(`structure, items of [${shape.join(", ")}]`, structurePriorLaws, again("structure"), { domain, shape });
}
