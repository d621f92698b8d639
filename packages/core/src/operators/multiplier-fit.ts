import { type Arrays, type Executor, graph, input, type NdArray } from "@recon/engine";
import { norm } from "../arrays.ts";
import type { Problem } from "../problem.ts";
import { parameterInputs, parametersOf, parameterValues } from "./observation-graph.ts";

/** Multipliers λ ≥ 0 that bring the weights nearest to stationarity at given samples. */
export interface MultiplierFit {
  readonly multipliers: Float64Array;
  /** ‖Σ λᵢ yᵢ ∂f(Θ; xᵢ)/∂Θ − Θ‖ / ‖Θ‖ with the ReLU's own derivative. */
  readonly residual: number;
}

const sweeps = 2000;
const settled = 1e-10;

/**
 * λ = argmin_{λ ≥ 0} ‖Σᵢ λᵢ gᵢ − Θ‖, gᵢ what the operator makes of sample i alone, by coordinate descent on the normal equations.
 *
 * At the true data the residual of a ReLU net stays near .3 where many units sit exactly at their kinks: a large one does not show that a victim is not stationary.
 */
export async function fitMultipliers(
  { model, operator, params, observation }: Pick<Problem, "model" | "operator" | "params" | "observation">,
  executor: Executor,
  value: { readonly input: NdArray; readonly target: NdArray },
): Promise<MultiplierFit> {
  const count = value.input.shape[0]!;
  const parameters = parameterInputs(model);
  const one = (array: NdArray): readonly number[] => [1, ...array.shape.slice(1)];
  const data = {
    input: input("input", one(value.input)),
    target: input("target", one(value.target)),
    multipliers: input("multipliers", [1]),
  };
  const observed = operator.observe(model, parametersOf(model, parameters), data);
  const program = await executor.compile(graph({ ...parameters, ...data }, observed), { precision: "float64" });
  const columns: Arrays[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const part = (array: NdArray): NdArray => {
        const size = array.data.length / count;
        return { shape: one(array), data: array.data.slice(i * size, (i + 1) * size) };
      };
      columns.push(
        await program.run({
          ...parameterValues(params),
          ...{ input: part(value.input), target: part(value.target) },
          multipliers: { shape: [1], data: Float64Array.of(1) },
        }),
      );
    }
  } finally {
    await program.dispose();
  }
  const gram = columns.map((a) => columns.map((b) => inner(a, b)));
  const along = columns.map((column) => inner(column, observation));
  const multipliers = nonNegative(gram, along);
  const square = norm(observation) ** 2;
  const left = gram.reduce(
    (total, row, i) =>
      total + multipliers[i]! * (row.reduce((sum, g, k) => sum + g * multipliers[k]!, 0) - 2 * along[i]!),
    square,
  );
  return { multipliers, residual: Math.sqrt(Math.max(0, left) / square) };
}

function inner(a: Arrays, b: Arrays): number {
  let total = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]!.data;
    for (let i = 0; i < data.length; i++) total += data[i]! * other[i]!;
  }
  return total;
}

/** argmin_{x ≥ 0} xᵀ G x − 2 bᵀ x. */
function nonNegative(gram: readonly (readonly number[])[], along: readonly number[]): Float64Array {
  const x = new Float64Array(along.length);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    for (let i = 0; i < x.length; i++) {
      const row = gram[i]!;
      if (!(row[i]! > 0)) continue;
      let rest = along[i]!;
      for (let k = 0; k < x.length; k++) if (k !== i) rest -= row[k]! * x[k]!;
      const next = Math.max(0, rest / row[i]!);
      moved = Math.max(moved, Math.abs(next - x[i]!) / (Math.abs(next) + Math.abs(x[i]!) || 1));
      x[i] = next;
    }
    if (moved < settled) break;
  }
  return x;
}
