import type { Optimiser, UpdateSite } from "./optimiser.ts";

interface Part {
  readonly label: string;
  readonly optimiser: Optimiser;
}

/** Names under which the parts keep their slots and numbers apart: a name that comes again gets a number. */
function labelled(parts: readonly Optimiser[]): readonly Part[] {
  return parts.map((optimiser, i) => {
    const before = parts.slice(0, i).filter((other) => other.name === optimiser.name).length;
    return { label: before === 0 ? optimiser.name : `${optimiser.name}${before + 1}`, optimiser };
  });
}

const prefixed = <T>(label: string, record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).map(([key, value]) => [`${label}.${key}`, value]);

const ownOf = <T>(label: string, names: readonly string[], record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, record[`${label}.${name}`]!]));

/** Optimisers one after the other: u = tₙ(… t₂(t₁(∇f))). Slots and numbers get the part's name in front: `adam.first`. */
export function chain(...optimisers: readonly Optimiser[]): Optimiser {
  const parts = labelled(optimisers);
  return {
    name: parts.map(({ label }) => label).join(" → "),
    options: Object.fromEntries(parts.flatMap(({ label, optimiser }) => prefixed(label, optimiser.options))),
    slots: parts.flatMap(({ label, optimiser }) => optimiser.slots.map((slot) => `${label}.${slot}`)),
    numbers: (at) =>
      Object.fromEntries(parts.flatMap(({ label, optimiser }) => prefixed(label, optimiser.numbers(at)))),
    update: ({ parameter, direction, state, numbers }: UpdateSite) => {
      let moved = direction;
      const next: [string, UpdateSite["direction"]][] = [];
      for (const { label, optimiser } of parts) {
        const own = Object.keys(optimiser.numbers({ step: 0, steps: 1 }));
        const result = optimiser.update({
          parameter,
          direction: moved,
          state: ownOf(label, optimiser.slots, state),
          numbers: ownOf(label, own, numbers),
        });
        moved = result.direction;
        next.push(...prefixed(label, result.state));
      }
      return { direction: moved, state: Object.fromEntries(next) };
    },
  };
}
