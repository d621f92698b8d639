import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { addGram, transposedSparseProduct } from "../../linear-algebra/sparse.ts";
import type { ChainLayer, ChainPoint, LayerPoint } from "./chain-misfit.ts";

/**
 * What all gradients say about the net's input x to first order, N ≈ Jᵀ J of the misfit of `chainAt`, carried from the head to the input:
 *
 *     head: N = |db|² I        a layer z = A x:  N ← Jᵀ J + (S A)ᵀ N (S A),   J = ∂dW/∂x = (I ⊗ G) + K A,  K = ∂dW/∂z at fixed κ
 *
 * Unlike the weights with which the recursion solves a layer, N knows in which directions the layer's output is known well and in which not,
 * and that k moves with z. It leaves out that κ moves with what lies behind it, which is known far better than the layer before.
 */
export function information(chain: readonly ChainLayer[], { layers }: ChainPoint, signal?: AbortSignal): Matrix {
  let known = headInformation(chain.at(-1)!, layers.at(-1)!);
  for (let l = chain.length - 2; l >= 0; l--) {
    signal?.throwIfAborted();
    known = throughLayer(chain[l]!, layers[l]!, known);
  }
  return known;
}

function headInformation({ weightScale }: ChainLayer, { input, errors }: LayerPoint): Matrix {
  let square = 0;
  for (const error of errors) square += error * error;
  const result = matrix(input.length, input.length);
  for (let i = 0; i < input.length; i++) result.data[i * (input.length + 1)] = weightScale ** 2 * square;
  return result;
}

/** N of a layer's input from that of its output, which is overwritten. */
function throughLayer(chainLayer: ChainLayer, point: LayerPoint, output: Matrix): Matrix {
  const { system, weightScale } = chainLayer;
  scaleBothSides(output, point.slopes);
  const curved = point.bends.some((bend) => bend !== 0);
  if (curved) addErrorGram(chainLayer, point, output);
  // N = Aᵀ H A + X A + (X A)ᵀ + I ⊗ GᵀG is the symmetric part of (Aᵀ H + 2 X) A + I ⊗ GᵀG.
  const left = transposedSparseProduct(system.weights, output);
  if (curved) addCross(chainLayer, point, left);
  const result = transposedSparseProduct(system.weights, transposed(left));
  symmetrise(result);
  const perGroup = system.channels / system.groups;
  system.gradients(point.errors).forEach((g, group) => {
    const shared = matrix(system.inputs, system.inputs);
    addGram(shared, g, new Float64Array(g.rows).fill(weightScale ** 2));
    for (let c = group * perGroup; c < (group + 1) * perGroup; c++)
      addSymmetricBlock(result, shared, c * system.inputs);
  });
  return result;
}

/** H ← diag(s) H diag(s). */
function scaleBothSides({ rows, data }: Matrix, scales: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    const row = i * rows;
    const scale = scales[i]!;
    for (let j = 0; j < rows; j++) data[row + j]! *= scale * scales[j]!;
  }
}

/** H += Kᵀ K of dW and of db: for every output channel o, diag(e) P Pᵀ diag(e) and e eᵀ, with e its κ s'' and P the patches. */
function addErrorGram({ system, weightScale, biasScale }: ChainLayer, { bends, patches }: LayerPoint, h: Matrix): void {
  const { out, outputs, groups } = system;
  const overlaps = patches.map((p) => multiply(p, p, { transposeB: true }));
  for (let o = 0; o < out; o++) {
    const overlap = overlaps[Math.floor((o * groups) / out)]!;
    for (let q = 0; q < outputs; q++) {
      const row = (o * outputs + q) * h.cols + o * outputs;
      const bend = bends[o * outputs + q]!;
      for (let r = 0; r < outputs; r++) {
        const square = weightScale ** 2 * overlap.data[q * outputs + r]! + biasScale ** 2;
        h.data[row + r]! += bend * bends[o * outputs + r]! * square;
      }
    }
  }
}

/** U += 2 X with X = (I ⊗ G)ᵀ K: X[(c, i), (o, q)] = Σ_t G[(o, t), i] P[q, (c, t)] e[o, q]. */
function addCross({ system, weightScale }: ChainLayer, { bends, errors, patches }: LayerPoint, u: Matrix): void {
  const { channels, groups, inputs, out, outputs, taps } = system;
  const [perGroup, outPerGroup] = [channels / groups, out / groups];
  system.gradients(errors).forEach((g, group) => {
    const p = patches[group]!;
    for (let row = 0; row < g.rows; row++) {
      const o = group * outPerGroup + Math.floor(row / taps);
      const factors = bends.subarray(o * outputs, (o + 1) * outputs);
      for (let c = 0; c < perGroup; c++) {
        const patch = factors.map(
          (bend, q) => 2 * weightScale ** 2 * bend * p.data[q * p.cols + c * taps + (row % taps)]!,
        );
        const firstRow = (group * perGroup + c) * inputs;
        for (let entry = g.starts[row]!; entry < g.starts[row + 1]!; entry++) {
          const to = (firstRow + g.columns[entry]!) * u.cols + o * outputs;
          addMultiple(u.data, to, g.values[entry]!, patch);
        }
      }
    }
  });
}

function addMultiple(to: Float64Array, start: number, factor: number, from: Float64Array): void {
  for (let i = 0; i < from.length; i++) to[start + i]! += factor * from[i]!;
}

/** N ← (N + Nᵀ) / 2, in tiles so that both halves stay in cache. */
function symmetrise({ rows, data }: Matrix): void {
  const tile = 32;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    for (let j0 = 0; j0 <= i0; j0 += tile) {
      for (let i = i0; i < Math.min(i0 + tile, rows); i++) {
        for (let j = j0; j < Math.min(j0 + tile, i); j++) {
          const mean = (data[i * rows + j]! + data[j * rows + i]!) / 2;
          data[i * rows + j] = mean;
          data[j * rows + i] = mean;
        }
      }
    }
  }
}

/** Adds a symmetric block, of which the lower triangle is given, on the diagonal. */
function addSymmetricBlock(target: Matrix, lower: Matrix, first: number): void {
  for (let i = 0; i < lower.rows; i++) {
    for (let j = 0; j <= i; j++) {
      const value = lower.data[i * lower.cols + j]!;
      target.data[(first + i) * target.cols + first + j]! += value;
      if (j < i) target.data[(first + j) * target.cols + first + i]! += value;
    }
  }
}
