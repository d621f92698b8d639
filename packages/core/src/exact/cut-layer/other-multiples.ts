import type { NdArray } from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { CutLayer } from "./input-equations.ts";
import { eachRow, repeatedRow } from "./rows.ts";

/** Multiples that are compared first, of either sign: a tenth to ten times, 1 among them. */
const grid = Array.from({ length: 81 }, (_, k) => 10 ** (k / 40 - 1)).flatMap((s) => [s, -s]);

/** Relative difference at which two parts of a gradient are the same. */
const same = 1e-6;

/**
 * Whether an input of a layer without a bias has another multiple that leaves the same part of the gradient, under its own target or another one:
 *
 *     s δ(s c, t') = δ(c, t)
 *
 * Then nothing tells the two apart, and the Jacobian, which looks at what is near, does not show it. A net of odd functions without biases has s = −1 with the classes exchanged;
 * one that is homogeneous has an s for every target.
 *
 * @param c inputs [B, n], with a target each.
 * @param targets those that a sample can have.
 */
export async function haveOtherMultiples(
  { weights, head }: Pick<CutLayer, "weights" | "head">,
  c: Matrix,
  target: NdArray,
  targets: readonly NdArray[],
): Promise<boolean> {
  const pre = multiply(c, weights, { transposeB: true });
  const own = (await head.at(pre, target)).errors;
  for (const [i, ownTarget] of eachRow(target).entries()) {
    const z = pre.data.subarray(i * own.cols, (i + 1) * own.cols);
    const delta = own.data.subarray(i * own.cols, (i + 1) * own.cols);
    for (const other of targets) {
      const differences = async (multiples: readonly number[]): Promise<number[]> => {
        const rows = multiples.flatMap((s) => Array.from(z, (value) => s * value));
        const { errors } = await head.at(
          matrix(multiples.length, own.cols, rows),
          repeatedRow(other, multiples.length),
        );
        return multiples.map(
          (s, k) => norm(delta.map((value, j) => value - s * errors.data[k * own.cols + j]!)) / norm(delta),
        );
      };
      const others =
        Array.from(other.data).join() === ownTarget.data.join() ? grid.filter((s) => Math.abs(s - 1) > 0.1) : grid;
      if (await vanishes(differences, others)) return true;
    }
  }
  return false;
}

/** Whether a function of one number vanishes near the least of its values on a grid, of either sign: the interval around it is narrowed to a quarter at a time. */
async function vanishes(of: (at: readonly number[]) => Promise<number[]>, starts: readonly number[]): Promise<boolean> {
  for (const sign of [1, -1]) {
    const points = starts.filter((s) => s * sign > 0);
    const values = await of(points);
    let at = points[values.indexOf(Math.min(...values))]!;
    let least = Math.min(...values);
    for (let width = 0.06 * Math.abs(at); width > 1e-9 * Math.abs(at) && least > same; width /= 4) {
      const closer = Array.from({ length: 9 }, (_, k) => at + (width * (k - 4)) / 4);
      const found = await of(closer);
      least = Math.min(...found);
      at = closer[found.indexOf(least)]!;
    }
    if (least <= same) return true;
  }
  return false;
}
