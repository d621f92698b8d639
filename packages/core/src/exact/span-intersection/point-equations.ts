import { appendColumn, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import type { CompiledHead, HeadSignals } from "../cut-layer/compiled-head.ts";
import type { SpanCoordinates } from "../cut-layer/span-coordinates.ts";
import type { GradientSpaces } from "./gradient-spaces.ts";

/** A layer behind the first, with the space that its inputs must lie in. */
export interface LaterSpace extends Pick<GradientSpaces, "rows" | "gap"> {
  /** Place among the layers of the head. */
  readonly layer: number;
  /** Whether the space is that of (h, 1), as that of [dA | da] is. */
  readonly biased: boolean;
}

/** What a point in the span of the first layer's inputs must fulfil to be the input of a sample. */
export interface PointEquations {
  /** Unknowns of a point. */
  readonly free: number;
  /** Residuals of points q [N, free]: one row a point. */
  at(q: Matrix): Promise<Matrix>;
  /** Their derivatives along every unknown: `free` rows a point, one after another [N · free, equations]. */
  along(q: Matrix): Promise<Matrix>;
}

/**
 * The equations (I − Rₗ Rₗᵀ) (hₗ(x), 1) = 0 for x in the span of a layer's inputs, with hₗ what enters a later layer and Rₗ the row space of that layer's
 * gradient. They hold for every sample of the batch by itself, whatever its target, and do not know of the other samples.
 *
 * @param weights [W | b] V [m, n], the first layer in coordinates of its span.
 * @param targetShape of a batch of one, without the batch axis; the head asks for targets, and nothing here depends on them.
 */
export function pointEquations(
  weights: Matrix,
  coordinates: SpanCoordinates,
  head: CompiledHead,
  spaces: readonly LaterSpace[],
  targetShape: readonly number[],
): PointEquations {
  const { directions } = coordinates;
  const free = directions.cols;
  const clearest = Math.max(...spaces.map(({ gap }) => gap));
  const size = targetShape.reduce((n, extent) => n * extent, 1);
  const anyTarget = (rows: number) => ({ shape: [rows, ...targetShape], data: new Float64Array(rows * size) });
  const residuals = (signals: HeadSignals, one: number): Matrix =>
    beside(
      spaces.map((space) => {
        const { inputs } = signals.layers[space.layer]!;
        const h = space.biased ? appendColumn(inputs, new Float64Array(inputs.rows).fill(one)) : inputs;
        const inside = multiply(multiply(h, space.rows), space.rows, { transposeB: true });
        // A space is off by about the inverse of its gap.
        const weight = space.gap / clearest / Math.sqrt(h.cols);
        return matrix(
          h.rows,
          h.cols,
          h.data.map((value, i) => weight * (value - inside.data[i]!)),
        );
      }),
    );
  const pre = (q: Matrix): Matrix => multiply(coordinates.inputsOf(q.data, q.rows), weights, { transposeB: true });
  return {
    free,
    at: async (q) => residuals(await head.at(pre(q), anyTarget(q.rows)), 1),
    along: async (q) => {
      const steps = multiply(directions, weights, { transposeA: true, transposeB: true });
      const z = pre(q);
      const rows = q.rows * free;
      const copies = matrix(rows, z.cols);
      const moves = matrix(rows, z.cols);
      for (let row = 0; row < rows; row++) {
        const from = Math.floor(row / free) * z.cols;
        copies.data.set(z.data.subarray(from, from + z.cols), row * z.cols);
        const step = (row % free) * z.cols;
        moves.data.set(steps.data.subarray(step, step + z.cols), row * z.cols);
      }
      return residuals((await head.along(copies, anyTarget(rows), moves)).change, 0);
    },
  };
}

/** Matrices of equally many rows, side by side. */
function beside(parts: readonly Matrix[]): Matrix {
  const width = parts.reduce((sum, { cols }) => sum + cols, 0);
  const result = matrix(parts[0]!.rows, width);
  for (let row = 0; row < result.rows; row++) {
    let at = row * width;
    for (const { cols, data } of parts) {
      result.data.set(data.subarray(row * cols, (row + 1) * cols), at);
      at += cols;
    }
  }
  return result;
}
