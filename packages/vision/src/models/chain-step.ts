import { ReconError } from "@recon/core";
import type { Shape, Tensors } from "@recon/engine";
import type { FittedStep, Step } from "./step.ts";

/** A layer and its name, which prefixes the names of its parameters. */
export type NamedStep = readonly [name: string, step: Step];

/** One layer after another. What layer `a` calls `weight` is `a.weight` here. @throws ReconError `shape`, naming the layer that does not fit. */
export function chainStep(steps: readonly NamedStep[]): Step {
  return (input) => {
    const fitted = fit(input, steps);
    return {
      output: fitted.at(-1)?.[1].output ?? input,
      parameters: gathered(fitted, ({ parameters }) => parameters),
      buffers: gathered(fitted, ({ buffers }) => buffers),
      apply: (x, state, mode) =>
        fitted.reduce((value, [name, step]) => step.apply(value, stateOf(name, step, state), mode), x),
    };
  };
}

/** Every layer with the shapes it meets. */
function fit(input: Shape, steps: readonly NamedStep[]): readonly (readonly [string, FittedStep])[] {
  let shape = input;
  return steps.map(([name, step]) => {
    try {
      const next = step(shape);
      shape = next.output;
      return [name, next];
    } catch (error) {
      if (!(error instanceof ReconError)) throw error;
      throw new ReconError(error.code, `layer ${name}: ${error.message}`, { cause: error });
    }
  });
}

function gathered<T>(
  fitted: readonly (readonly [string, FittedStep])[],
  part: (step: FittedStep) => Readonly<Record<string, T>> | undefined,
): Record<string, T> {
  return Object.fromEntries(
    fitted.flatMap(([name, step]) => Object.entries(part(step) ?? {}).map(([key, value]) => [`${name}.${key}`, value])),
  );
}

/** Parameters and buffers of one layer, by its own names. */
function stateOf(name: string, { parameters, buffers }: FittedStep, state: Tensors): Tensors {
  const own = Object.keys({ ...parameters, ...buffers });
  return Object.fromEntries(own.map((key) => [key, state[`${name}.${key}`]!]));
}
