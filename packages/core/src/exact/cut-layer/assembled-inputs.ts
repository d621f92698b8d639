import type { NdArray } from "@recon/engine";
import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { solveUpper } from "../../linear-algebra/triangular.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { CutLayer } from "./input-equations.ts";
import { inputsOneByOne, type OneByOneOptions } from "./inputs-one-by-one.ts";
import { eachRow, repeatedRow } from "./rows.ts";
import type { SpanCoordinates } from "./span-coordinates.ts";

/** Inputs of a whole batch, and the target of every row. */
export interface AssembledInputs {
  /** c [B, n]. */
  readonly inputs: Matrix;
  readonly target: NdArray;
}

/** Rounds over the targets. */
const rounds = 4;

/**
 * All inputs of a cut layer from single ones, and the target of each, which need not be known.
 *
 * With as many inputs as the span has dimensions, the errors are G C⁻¹; an input has the target under which the error of the head is nearest to its own.
 *
 * @param targets those that a sample can have [T, ...].
 * @returns undefined where the gradient does not show as many dimensions as there are samples, where the layer has no output beyond these, or where fewer inputs were found.
 */
export async function assembledInputs(
  cut: Omit<CutLayer, "target">,
  samples: number,
  targets: NdArray,
  coordinates: SpanCoordinates,
  options: Omit<OneByOneOptions, "target">,
): Promise<AssembledInputs | undefined> {
  const { gradient } = cut;
  if (gradient.cols !== samples || gradient.rows <= samples || coordinates.directions.cols === 0) return undefined;
  const different = differentRows(targets);
  let found: readonly Float64Array[] = [];
  // Every input that is found makes the others easier to find, so that targets are worth another round while one of them gives any.
  for (let round = 0; round < rounds; round++) {
    const before = found.length;
    for (const [k, target] of different.entries()) {
      const rng = options.rng.split(`round ${round} target ${k}`);
      found = await inputsOneByOne(cut, coordinates, found, { ...options, rng, target });
    }
    if (found.length === before || found.length === samples) break;
  }
  if (found.length < samples) return undefined;
  const inputs = matrix(samples, gradient.cols);
  found.forEach((c, i) => {
    inputs.data.set(c, i * inputs.cols);
  });
  const target = await targetsOf(cut, inputs, different);
  return target && { inputs, target };
}

/** For every input the target that explains its error best; undefined where inputs depend on each other. */
async function targetsOf(
  { weights, gradient, head, scale }: Omit<CutLayer, "target">,
  inputs: Matrix,
  targets: readonly NdArray[],
): Promise<NdArray | undefined> {
  const shown = errorsOf(gradient, inputs);
  if (shown === undefined) return undefined;
  const z = multiply(inputs, weights, { transposeB: true });
  const best = Array.from({ length: inputs.rows }, () => ({ misfit: Number.POSITIVE_INFINITY, row: targets[0]! }));
  for (const row of targets) {
    const { errors } = await head.at(z, repeatedRow(row, inputs.rows));
    best.forEach(({ misfit }, i) => {
      const from = i * errors.cols;
      const own = errors.data.subarray(from, from + errors.cols);
      const next = norm(own.map((value, k) => scale * value - shown.data[from + k]!));
      if (next < misfit) best[i] = { misfit: next, row };
    });
  }
  return {
    shape: [inputs.rows, ...targets[0]!.shape.slice(1)],
    data: Float64Array.from(best.flatMap(({ row }) => [...row.data])),
  };
}

/** δ [B, m] with G = δᵀ C; undefined where inputs depend on each other. */
function errorsOf(gradient: Matrix, inputs: Matrix): Matrix | undefined {
  const { q, r } = qr(transposed(inputs));
  for (let k = 0; k < r.rows; k++) if (r.data[k * r.cols + k] === 0) return undefined;
  const turned = multiply(gradient, q);
  const errors = matrix(gradient.rows, inputs.rows);
  for (let i = 0; i < errors.rows; i++)
    errors.data.set(solveUpper(r, turned.data.subarray(i * r.cols, (i + 1) * r.cols)), i * errors.cols);
  return transposed(errors);
}

/** Every target once [1, ...]. */
export function differentRows(array: NdArray): readonly NdArray[] {
  return [...new Map(eachRow(array).map((row) => [row.data.join(), row])).values()];
}
