/** The attacker's own forward pass: what a candidate would have made the channel's known part see. */
import {
  type Arrays,
  broadcastTo,
  constant,
  type Executor,
  graph,
  input,
  type NdArray,
  type Precision,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { distance, norm } from "../arrays.ts";
import { composeDefences } from "../defences/compose.ts";
import { parameterInputs, parametersOf, parameterValues } from "../operators/observation-graph.ts";
import type { Problem } from "../problem.ts";

/** What the attacker expects to see of a candidate: channel's known part ∘ operator, symbolically. */
export function expectedObservation(problem: Problem, parameters: Tensors, data: Tensors): Tensors {
  const all = { ...knownNuisances(problem, data.input!.shape[0]!), ...data };
  const clean = problem.operator.observe(problem.model, parametersOf(problem.model, parameters), all);
  return composeDefences(problem.defences).channel?.known(clean, problem.observation) ?? clean;
}

/** Nuisances that the observation gave away: a knowledge entry under the nuisance's name, the same for every sample. */
export function knownNuisances({ model, knowledge }: Problem, batch: number): Tensors {
  return Object.fromEntries(
    Object.entries(model.nuisances ?? {}).flatMap(([name, { shape }]): [string, Tensor][] => {
      const known = knowledge[name];
      if (known === undefined || known === null || typeof known !== "object" || !("shape" in known)) return [];
      const value = known as NdArray;
      return [[name, broadcastTo(constant(value.data, value.shape), [batch, ...shape])]];
    }),
  );
}

export interface Fit {
  /** ‖F(x̂) − y‖ / ‖y‖ over the whole observation. */
  readonly residual: number;
  /** F(x̂), in float64. */
  readonly expected: Arrays;
}

/**
 * Relative residual of a candidate on the whole observation, by a direct evaluation in float64.
 *
 * residual = ‖D F(x̂) − y‖₂ / ‖y‖₂ over all arrays together.
 *
 * @param precision of the evaluation. In that of the victim, a unit of a ReLU whose argument is nothing but rounding falls on the victim's side, which moves a gradient by far more
 * than rounding.
 * @param nuisances what was found of them, by name; what is missing is as it is known, or as it is expected.
 */
export async function fitOf(
  problem: Problem,
  executor: Executor,
  value: { readonly input: NdArray; readonly target: NdArray },
  precision: Precision = "float64",
  nuisances: Arrays = {},
): Promise<Fit> {
  const parameters = parameterInputs(problem.model);
  const values: Arrays = { ...nuisances, input: value.input, target: value.target };
  const data = Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, input(name, shape)]));
  const g = graph({ ...parameters, ...data }, expectedObservation(problem, parameters, data));
  const program = await executor.compile(g, { precision });
  try {
    const expected = await program.run({ ...parameterValues(problem.params), ...values });
    return { expected, residual: distance(expected, problem.observation) / norm(problem.observation) };
  } finally {
    await program.dispose();
  }
}
