/** Recurrent cells unrolled over a fixed number of steps, with as few nodes a step as they allow. */
import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { linear, matmul } from "./matmul.ts";
import { split, stack } from "./pieces.ts";
import { broadcastTo, full, reshape, transpose } from "./shape.ts";
import { slice } from "./slice.ts";
import { sigmoid, tanh } from "./unary.ts";

/** Folds a cell over a sequence: sₜ = cell(sₜ₋₁, xₜ). Returns s₁, s₂, …; the cell may return anything that holds tensors. */
export function scan<State, Step>(
  cell: (state: State, x: Step, t: number) => State,
  xs: readonly Step[],
  initial: State,
): State[] {
  const states: State[] = [];
  let state = initial;
  xs.forEach((x, t) => {
    state = cell(state, x, t);
    states.push(state);
  });
  return states;
}

/** Weights of a recurrent layer: input [G·H, I], hidden [G·H, H] and biases [G·H], with the G gates one below the other. */
export interface RecurrentWeights {
  readonly input: Tensor;
  readonly hidden: Tensor;
  readonly inputBias?: Tensor;
  readonly hiddenBias?: Tensor;
}

/** What a recurrent layer gives: the hidden state after every step [B, T, H] and after the last one [B, H]. */
export interface RecurrentResult {
  readonly outputs: Tensor;
  readonly last: Tensor;
}

/** The extents [B, T, H] that x [B, T, I] and weights with so many gates agree on. */
function extentsOf(
  what: string,
  x: Tensor,
  { input, hidden }: RecurrentWeights,
  gates: number,
): [number, number, number] {
  const width = hidden.shape[1];
  const fits =
    x.shape.length === 3 &&
    x.shape[1]! > 0 &&
    input.shape.join() === [gates * (width ?? 0), x.shape[2]].join() &&
    hidden.shape.join() === [gates * (width ?? 0), width].join();
  if (!fits) {
    const listed = `x [${x.shape.join(", ")}], input weights [${input.shape.join(", ")}], hidden weights [${hidden.shape.join(", ")}]`;
    throw new EngineError("shape", `${what}: ${listed} must be [B, T, I], [${gates}·H, I] and [${gates}·H, H].`);
  }
  return [x.shape[0]!, x.shape[1]!, width!];
}

/** x W^T + b for all steps by one product, the steps outermost, cut along the gates: pieces [T · B, width]. */
function projections(x: Tensor, weight: Tensor, bias: Tensor | undefined, widths: readonly number[]): Tensor[] {
  const steps = reshape(transpose(x, [1, 0, 2]), [-1, x.shape[2]!]);
  return split(linear(steps, weight, bias), widths, 1);
}

/** The rows of one step. */
const rowsOf = (all: Tensor, t: number, batch: number): Tensor => slice(all, [t * batch, 0], [batch, all.shape[1]!]);

/**
 * Gated recurrent unit of Cho et al. 2014 with the reset gate after the product: gates reset, update, new,
 *
 *     r = σ(Wᵣx + bᵣ + Uᵣh + cᵣ)    z = σ(W_z x + b_z + U_z h + c_z)    n = tanh(Wₙx + bₙ + r ∘ (Uₙh + cₙ))    h′ = n + z ∘ (h − n)
 *
 * @param x [B, T, I].
 * @param initial h₀ [B, H]; zeros unless given.
 * @throws EngineError `shape`.
 */
export function gru(x: Tensor, weights: RecurrentWeights, initial?: Tensor): RecurrentResult {
  const [batch, steps, width] = extentsOf("gru", x, weights, 3);
  const [forGates, forNew] = projections(x, weights.input, weights.inputBias, [2 * width, width]) as [Tensor, Tensor];
  // Repeated once and not by every addition, so that its cotangents have the shape of what they are added to.
  const bias =
    weights.hiddenBias === undefined
      ? undefined
      : broadcastTo(reshape(weights.hiddenBias, [1, -1]), [batch, 3 * width]);
  const states = scan(
    (h: Tensor, t: number) => {
      const product = matmul(h, weights.hidden, { transposeB: true });
      const all = bias === undefined ? product : add(product, bias);
      const [gates, fresh] = split(all, [2 * width, width], 1) as [Tensor, Tensor];
      const [r, z] = split(sigmoid(add(rowsOf(forGates, t, batch), gates)), [width, width], 1) as [Tensor, Tensor];
      const n = tanh(add(rowsOf(forNew, t, batch), mul(r, fresh)));
      return add(n, mul(z, sub(h, n)));
    },
    Array.from({ length: steps }, (_, t) => t),
    initial ?? full(0, [batch, width]),
  );
  return { outputs: stack(states, 1), last: states.at(-1)! };
}

/** Hidden and cell state of an LSTM, [B, H] each. */
export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * Long short-term memory of Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000): gates input, forget, cell, output,
 *
 *     i, f, o = σ(Wx + b + Uh + c)    g = tanh(W_g x + b_g + U_g h + c_g)    c′ = f ∘ c + i ∘ g    h′ = o ∘ tanh c′
 *
 * @param x [B, T, I].
 * @param initial h₀ and c₀; zeros unless given.
 * @throws EngineError `shape`.
 */
export function lstm(
  x: Tensor,
  weights: RecurrentWeights,
  initial?: LstmState,
): RecurrentResult & { readonly lastCell: Tensor } {
  const [batch, steps, width] = extentsOf("lstm", x, weights, 4);
  // All four gates only add their biases, so both go into the one product over all steps.
  const [own, other] = [weights.inputBias, weights.hiddenBias];
  const bias = own !== undefined && other !== undefined ? add(own, other) : (own ?? other);
  const projected = projections(x, weights.input, bias, [4 * width])[0]!;
  const zeros = full(0, [batch, width]);
  const states = scan(
    ({ hidden, cell }: LstmState, t: number): LstmState => {
      const z = add(rowsOf(projected, t, batch), matmul(hidden, weights.hidden, { transposeB: true }));
      const [first, candidate, last] = split(z, [2 * width, width, width], 1) as [Tensor, Tensor, Tensor];
      const [i, f] = split(sigmoid(first), [width, width], 1) as [Tensor, Tensor];
      const next = add(mul(f, cell), mul(i, tanh(candidate)));
      return { hidden: mul(sigmoid(last), tanh(next)), cell: next };
    },
    Array.from({ length: steps }, (_, t) => t),
    initial ?? { hidden: zeros, cell: zeros },
  );
  const end = states.at(-1)!;
  return {
    outputs: stack(
      states.map(({ hidden }) => hidden),
      1,
    ),
    last: end.hidden,
    lastCell: end.cell,
  };
}
