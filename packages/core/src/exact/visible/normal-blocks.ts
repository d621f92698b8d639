import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { BlockPoint, BoundedBlock } from "./bounded-block.ts";

/** Half first and half second derivative of the loss by every entry of G, [m, d]. */
export interface WeightedRows {
  readonly slopes: Float64Array;
  readonly curvatures: Float64Array;
}

/** Neurons a product: few enough that its operand stays small, always the same so that one program serves all. */
const chunk = 512;

/**
 * Jᵀ slope and Jᵀ diag(curvature) J of G_jk = a_j Σ_i r_i s′(z_ji) x_ik in all x and r, without J itself.
 *
 * With p = a r s′ and q = a r s″, ∂G_jk / ∂x_i = q_ji x_ik w_j + p_ji e_k, so that the block of two samples i and l is
 *
 *     Σ_j q_ji q_jl (Σ_k c_jk x_ik x_lk) w_j w_jᵀ  +  S_il + S_liᵀ  +  diag_k(Σ_j c_jk p_ji p_jl),   S_il = Wᵀ [q_ji p_jl c_jk] diag(x_i)
 *
 * whose first two terms are products with Wᵀ. Neurons without weights are skipped.
 *
 * @returns the lower triangle of the matrix.
 */
export async function normalBlocks(
  { weight }: BoundedBlock,
  at: BlockPoint,
  { slopes: pulls, curvatures: counts }: WeightedRows,
  product: MatrixProduct,
): Promise<{ readonly normal: Matrix; readonly gradient: Float64Array }> {
  const { inputs, errors } = at;
  const size = errors.length;
  const { cols: width } = weight;
  const unknowns = size * (width + 1);
  const normal = matrix(unknowns, unknowns);
  const gradient = new Float64Array(unknowns);
  const active = activeNeurons(counts, pulls, weight.rows, width);
  const pairs = (size * (size + 1)) / 2 + size * size;
  const operand = matrix(chunk, pairs * width);
  const weights = matrix(chunk, width);
  for (let start = 0; start < active.length; start += chunk) {
    const rows = active.slice(start, start + chunk);
    if (rows.length < chunk) {
      operand.data.fill(0);
      weights.data.fill(0);
    }
    rows.forEach((j, row) => {
      weights.data.set(weight.data.subarray(j * width, (j + 1) * width), row * width);
      fillOperand(operand, row, j, weight, at, counts);
      addNeuron(normal, gradient, j, weight, at, pulls, counts);
    });
    addProducts(normal, await product(weights, operand, { transposeA: true }), inputs);
  }
  return { normal, gradient };
}

function activeNeurons(counts: Float64Array, pulls: Float64Array, rows: number, width: number): number[] {
  return Array.from({ length: rows }, (_, j) => j).filter((j) => {
    for (let n = j * width; n < (j + 1) * width; n++) if (counts[n] !== 0 || pulls[n] !== 0) return true;
    return false;
  });
}

/** Σ_k c_jk x_ik x_lk. */
function overlap(counts: Float64Array, j: number, inputs: Matrix, i: number, l: number): number {
  const { cols: width, data: x } = inputs;
  let total = 0;
  for (let k = 0; k < width; k++) total += counts[j * width + k]! * x[i * width + k]! * x[l * width + k]!;
  return total;
}

/** Row j of what Wᵀ is multiplied with: pairs i ≥ l of the first term, then all pairs (i, l) of S. */
function fillOperand(
  operand: Matrix,
  row: number,
  j: number,
  weight: Matrix,
  at: BlockPoint,
  counts: Float64Array,
): void {
  const { inputs, slopes, curvatures } = at;
  const size = at.errors.length;
  const { cols: width, data: w } = weight;
  const { data } = operand;
  let to = row * operand.cols;
  for (let i = 0; i < size; i++) {
    for (let l = 0; l <= i; l++) {
      const factor = curvatures[j * size + i]! * curvatures[j * size + l]! * overlap(counts, j, inputs, i, l);
      for (let k = 0, from = j * width; k < width; k++) data[to++] = factor * w[from++]!;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let l = 0; l < size; l++) {
      const factor = curvatures[j * size + i]! * slopes[j * size + l]!;
      for (let k = 0, from = j * width; k < width; k++) data[to++] = factor * counts[from++]!;
    }
  }
}

function addProducts(normal: Matrix, { data: products, cols }: Matrix, inputs: Matrix): void {
  const { rows: size, cols: width, data: x } = inputs;
  const n = normal.cols;
  let column = 0;
  for (let i = 0; i < size; i++) {
    for (let l = 0; l <= i; l++, column += width) {
      for (let k = 0; k < width; k++) {
        const to = (i * width + k) * n + l * width;
        for (let c = 0; c < width; c++) normal.data[to + c]! += products[k * cols + column + c]!;
      }
    }
  }
  for (let i = 0; i < size; i++) {
    for (let l = 0; l < size; l++, column += width) {
      // Entry (k, c) of S_il is by coordinate k of sample i and coordinate c of sample l.
      for (let k = 0; k < width; k++) {
        for (let c = 0; c < width; c++) {
          const value = products[k * cols + column + c]! * x[i * width + c]!;
          const [a, b] = [i * width + k, l * width + c];
          if (a >= b) normal.data[a * n + b]! += value;
          if (b >= a) normal.data[b * n + a]! += value;
        }
      }
    }
  }
}

/** What one neuron adds to the gradient, to the diagonals and to the rows of r. */
function addNeuron(
  normal: Matrix,
  gradient: Float64Array,
  j: number,
  weight: Matrix,
  at: BlockPoint,
  pulls: Float64Array,
  counts: Float64Array,
): void {
  const { inputs, slopes, curvatures, perError } = at;
  const size = at.errors.length;
  const { cols: width, data: w } = weight;
  const { data: x } = inputs;
  const n = normal.cols;
  const first = j * width;
  for (let i = 0; i < size; i++) {
    const [p, q] = [slopes[j * size + i]!, curvatures[j * size + i]!];
    let along = 0;
    for (let k = 0; k < width; k++) along += pulls[first + k]! * x[i * width + k]!;
    for (let k = 0; k < width; k++) gradient[i * width + k]! += q * along * w[first + k]! + p * pulls[first + k]!;
    gradient[size * width + i]! += perError[j * size + i]! * along;
    for (let l = 0; l < size; l++) {
      const shared = overlap(counts, j, inputs, i, l);
      if (l <= i) {
        const both = p * slopes[j * size + l]!;
        for (let k = 0; k < width; k++) normal.data[(i * width + k) * n + l * width + k]! += both * counts[first + k]!;
        normal.data[(size * width + i) * n + size * width + l]! +=
          perError[j * size + i]! * perError[j * size + l]! * shared;
      }
      // Row of r_l, columns of x_i.
      const to = (size * width + l) * n + i * width;
      const factor = perError[j * size + l]!;
      for (let k = 0; k < width; k++) {
        normal.data[to + k]! += factor * (q * shared * w[first + k]! + p * counts[first + k]! * x[l * width + k]!);
      }
    }
  }
}
