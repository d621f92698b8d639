import { type Arrays, grad, graph, input, interpret, type Tensor, type Tensors } from "@recon/engine";
import { norm } from "../arrays.ts";
import type { Rng } from "../random.ts";
import { drawLike } from "./draw.ts";
import { demand } from "./law.ts";

export interface DerivativeOptions {
  /** Largest relative difference; 1e-6 unless said. */
  readonly tolerance?: number;
  /** Names of the arrays to differentiate by; all unless said. */
  readonly by?: readonly string[];
}

/** Steps of the difference quotients. */
const steps = [1e-4, 1e-5, 1e-6];

/**
 * Demands that ⟨∇f(x), v⟩ = d/dh f(x + h v) at h = 0 for drawn directions v, by the float64 reference interpreter.
 *
 * The difference quotient is central with one Richardson step, (4 D(h) − D(2h)) / 3, so that its error is O(h⁴).
 */
export function demandDerivative(
  f: (x: Tensors) => Tensor,
  at: Arrays,
  rng: Rng,
  { tolerance = 1e-6, by = Object.keys(at) }: DerivativeOptions = {},
): void {
  const x = Object.fromEntries(Object.entries(at).map(([name, { shape }]) => [name, input(name, shape)]));
  const value = f(x);
  demand(value.shape.length === 0, `The function must be a scalar, not of shape [${value.shape.join(", ")}].`);
  const gradients = grad(
    value,
    by.map((name) => x[name]!),
  );
  const program = graph(x, { value, ...Object.fromEntries(by.map((name, i) => [`by ${name}`, gradients[i]!])) });
  const valueOnly = graph(x, { value });
  const here = interpret(program, at);
  const evaluate = (point: Arrays): number => interpret(valueOnly, point).value!.data[0]!;
  for (let trial = 0; trial < 3; trial++) {
    const direction = drawDirection(
      Object.fromEntries(by.map((name) => [name, at[name]!])),
      rng.split(`direction ${trial}`),
    );
    let slope = 0;
    let scale = 0;
    for (const name of by) {
      const g = here[`by ${name}`]!.data;
      const v = direction[name]!.data;
      for (let i = 0; i < g.length; i++) {
        slope += g[i]! * v[i]!;
        scale += (g[i]! * v[i]!) ** 2;
      }
    }
    const quotient = (h: number): number =>
      (evaluate(moved(at, direction, h)) - evaluate(moved(at, direction, -h))) / (2 * h);
    // A kink within reach of the first step is not within reach of a shorter one; a wrong gradient is wrong at all of them.
    const differences = steps.map((h) => {
      const measured = (4 * quotient(h) - quotient(2 * h)) / 3;
      // What rounding of f alone can do to the quotient; below it nothing is measured.
      const rounding = (1e-15 * Math.abs(here.value!.data[0]!)) / h / tolerance;
      const size = Math.max(Math.abs(slope), Math.abs(measured), Math.sqrt(scale), rounding, 1e-9);
      return { measured, difference: Math.abs(slope - measured) / size };
    });
    const least = differences.reduce((a, b) => (b.difference < a.difference ? b : a));
    demand(
      least.difference <= tolerance,
      `The gradient along a drawn direction gives ${slope}, finite differences of the value ${least.measured}.`,
    );
  }
}

/** Normal numbers, no larger than the array that they move: steps that are small beside small weights reach fewer kinks. */
function drawDirection(arrays: Arrays, rng: Rng): Arrays {
  const drawn = drawLike(arrays, rng);
  return Object.fromEntries(
    Object.entries(drawn).map(([name, { shape, data }]) => {
      const own = arrays[name]!.data;
      const rms = own.length === 0 ? 0 : norm({ own: arrays[name]! }) / Math.sqrt(own.length);
      const size = rms > 0 ? Math.min(1, rms) : 1;
      return [name, { shape, data: Float64Array.from(data, (value) => size * value) }];
    }),
  );
}

function moved(at: Arrays, direction: Arrays, h: number): Arrays {
  return Object.fromEntries(
    Object.entries(at).map(([name, { shape, data }]) => {
      const v = direction[name]?.data;
      return [name, { shape, data: Float64Array.from(data, (value, i) => value + h * (v?.[i] ?? 0)) }];
    }),
  );
}
