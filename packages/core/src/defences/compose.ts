import type { Arrays, Tensors } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Channel, Defence, EntryBounds, Knowledge, Model, Operator } from "../problem.ts";

/**
 * Several defences as one, applied in order: D = Dₙ ∘ … ∘ D₁ on the model, on the operator and on the observation.
 *
 * The name of stream i of a channel is `channel i`, with i the defence's place in the list.
 */
export function composeDefences(defences: readonly Defence[]): Defence {
  const channel = composeChannels(defences);
  return {
    name: defences.length === 0 ? "none" : defences.map((defence) => defence.name).join(" → "),
    options: defences.map(({ name, options }) => ({ name, options })),
    model: (model: Model): Model => defences.reduce((m, defence) => defence.model?.(m) ?? m, model),
    operator: (operator: Operator): Operator => defences.reduce((o, defence) => defence.operator?.(o) ?? o, operator),
    ...(channel === undefined ? {} : { channel }),
  };
}

interface Stage {
  readonly stream: string;
  readonly name: string;
  readonly channel: Channel;
}

function composeChannels(defences: readonly Defence[]): Channel | undefined {
  const stages: Stage[] = [];
  defences.forEach(({ name, channel }, i) => {
    if (channel !== undefined) stages.push({ stream: `channel ${i}`, name, channel });
  });
  const last = stages.at(-1);
  if (last === undefined) return undefined;
  const earlier = stages.slice(0, -1);
  const likelihood = last.channel.likelihood;
  return {
    apply: (clean, rng) =>
      stages.reduce((y: Arrays, { channel, stream }) => channel.apply(y, rng.split(stream)), clean),
    known: (clean, observed) => knownParts(stages, stages.length, clean, observed),
    // Later stages of this kind only shrink earlier noise, so the sum in quadrature is an upper bound.
    noiseStd: (observed) => Math.hypot(...stages.map(({ channel }) => channel.noiseStd(observed))),
    visible: (observed) => visibleParts(stages, observed),
    scalesOnly: stages.every((stage) => stage.channel.scalesOnly === true),
    ...(stages.every((stage) => stage.channel.preimage !== undefined) && {
      preimage: (output: EntryBounds) => stages.reduceRight((b, { channel }) => channel.preimage!(b), output),
    }),
    ...(likelihood !== undefined && earlier.every((stage) => stage.channel.likelihood === undefined)
      ? {
          likelihood: (observed: Arrays) => {
            const noisy = earlier.find((stage) => stage.channel.noiseStd(observed) > 0);
            if (noisy !== undefined) {
              throw new ReconError(
                "no-likelihood",
                `"${noisy.name}" adds noise before "${last.name}" and states no likelihood, so neither does the composition.`,
              );
            }
            const final = likelihood(observed);
            return {
              proper: final.proper,
              negativeLog: (clean, seen) =>
                final.negativeLog(knownParts(stages, stages.length - 1, clean, observed), seen),
            };
          },
        }
      : {}),
  };
}

/** The known parts of the first stages in order. Zeros stay zeros on their way through later stages, but for noise: a stage before it is shown nothing. */
function knownParts(stages: readonly Stage[], count: number, clean: Tensors, observed: Arrays | undefined): Tensors {
  return stages.slice(0, count).reduce((y, { channel }, i) => {
    const hidden = observed === undefined || stages.slice(i + 1).some((later) => later.channel.noiseStd(observed) > 0);
    return hidden ? channel.known(y) : channel.known(y, observed);
  }, clean);
}

/** What the observation gives away, from the last stage back to the first one that noise hides. */
function visibleParts(stages: readonly Stage[], observed: Arrays): Knowledge {
  let known: Knowledge = {};
  for (const { channel } of [...stages].reverse()) {
    known = { ...channel.visible?.(observed), ...known };
    if (channel.noiseStd(observed) > 0) break;
  }
  return known;
}
