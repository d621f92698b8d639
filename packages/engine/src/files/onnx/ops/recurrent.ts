/** Recurrent layers, unrolled over the steps of their input [T, B, I] (or [B, T, I] with layout 1). */
import { add, mul, sub } from "../../../ops/arithmetic.ts";
import { matmul } from "../../../ops/matmul.ts";
import { split, stack } from "../../../ops/pieces.ts";
import { scan } from "../../../ops/recurrent.ts";
import { full, reshape, transpose } from "../../../ops/shape.ts";
import { concat, slice } from "../../../ops/slice.ts";
import { elu, leakyRelu, relu, sigmoid, softplus, tanh } from "../../../ops/unary.ts";
import type { Tensor } from "../../../tensor.ts";
import type { Call, OpEntry } from "../call.ts";

/** More steps than this would make a graph that nothing runs. */
const longest = 4096;

type Function = (x: Tensor) => Tensor;

const functions: Readonly<Record<string, Function>> = {
  sigmoid,
  tanh,
  relu,
  softplus,
  elu: (x) => elu(x),
  leakyrelu: (x) => leakyRelu(x),
};

/** What a layer works on in one direction: steps in their order, and its own weights. */
interface Direction {
  readonly steps: readonly Tensor[];
  /** Rᵀ-side weights [G·H, H]. */
  readonly hidden: Tensor;
  /** Recurrence biases [G·H], if there are biases. */
  readonly hiddenBias: Tensor | undefined;
  readonly width: number;
  readonly activations: readonly Function[];
  /** h₀ [B, H]. */
  readonly initial: Tensor;
  /** c₀ [B, H]. */
  readonly initialCell: Tensor;
  /** Peephole weights [3 H]. */
  readonly peepholes: Tensor | undefined;
}

/** The state after a step; only an LSTM has a cell. */
interface State {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

interface Layer {
  readonly gates: number;
  /** Names of the activations unless the node gives others. */
  readonly activations: readonly string[];
  /** Which gates take both biases at once; the others get the recurrence's inside the cell. */
  readonly folded: (call: Call) => readonly boolean[];
  cell(call: Call, direction: Direction): (state: State, x: Tensor) => State;
}

const product = (h: Tensor, { hidden }: Direction): Tensor => matmul(h, hidden, { transposeB: true });

const plain: Layer = {
  gates: 1,
  activations: ["Tanh"],
  folded: () => [true],
  cell: (_call, direction) => (state, x) => {
    const hidden = direction.activations[0]!(add(x, product(state.hidden, direction)));
    return { hidden, cell: hidden };
  },
};

/** Gates z, r, h of Cho et al. 2014, with the reset before the product or (`linear_before_reset`) after it. */
const gated: Layer = {
  gates: 3,
  activations: ["Sigmoid", "Tanh"],
  folded: (call) => [true, true, call.int("linear_before_reset", 0) === 0],
  cell: (call, direction) => {
    const { width, hiddenBias, activations } = direction;
    const [gate, activate] = activations as [Function, Function];
    const after = call.int("linear_before_reset", 0) !== 0;
    const [forGates, forNew] = split(direction.hidden, [2 * width, width], 0) as [Tensor, Tensor];
    const fresh = hiddenBias === undefined ? undefined : slice(hiddenBias, [2 * width], [width]);
    return ({ hidden: h }, x) => {
      const [xGates, xNew] = split(x, [2 * width, width], 1) as [Tensor, Tensor];
      const both = gate(add(xGates, matmul(h, forGates, { transposeB: true })));
      const [z, r] = split(both, [width, width], 1) as [Tensor, Tensor];
      const inner = matmul(after ? h : mul(r, h), forNew, { transposeB: true });
      const biased = after && fresh !== undefined ? add(inner, fresh) : inner;
      const n = activate(add(xNew, after ? mul(r, biased) : biased));
      const next = add(n, mul(z, sub(h, n)));
      return { hidden: next, cell: next };
    };
  },
};

/** Gates i, o, f, c of Hochreiter and Schmidhuber 1997 with forget gates, peepholes where given. */
const longShort: Layer = {
  gates: 4,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  folded: () => [true, true, true, true],
  cell: (call, direction) => {
    const { width, activations, peepholes } = direction;
    const [gate, activate, squash] = activations as [Function, Function, Function];
    const peeps = peepholes === undefined ? undefined : split(peepholes, [width, width, width], 0);
    const peep = (x: Tensor, which: number, cell: Tensor): Tensor =>
      peeps === undefined ? x : add(x, mul(peeps[which]!, cell));
    const coupled = call.int("input_forget", 0) !== 0;
    return ({ hidden, cell }, x) => {
      const z = add(x, product(hidden, direction));
      const [zi, zo, zf, zc] = split(z, [width, width, width, width], 1) as [Tensor, Tensor, Tensor, Tensor];
      const i = gate(peep(zi, 0, cell));
      const f = coupled ? sub(1, i) : gate(peep(zf, 2, cell));
      const next = add(mul(f, cell), mul(i, activate(zc)));
      return { hidden: mul(gate(peep(zo, 1, next)), squash(next)), cell: next };
    };
  },
};

/** Functions of each direction, in the order of the node's list. */
function activationsOf(call: Call, { activations }: Layer, directions: number): Function[][] {
  const given = call.attribute("activations");
  if (given !== undefined && given.kind !== "strings") throw call.error("onnx-malformed", "activations must be names.");
  const names = given === undefined ? Array.from({ length: directions }, () => activations).flat() : given.value;
  if (call.has("activation_alpha") || call.has("activation_beta") || call.has("clip")) {
    throw call.error("onnx-unsupported-variant", "parameters of activations and clipping are not supported.");
  }
  if (names.length !== activations.length * directions)
    throw call.error("onnx-malformed", "the number of activations is wrong.");
  const found = names.map((name) => {
    const known = Object.entries(functions).find(([key]) => key === name.toLowerCase())?.[1];
    if (known === undefined)
      throw call.error("onnx-unsupported-variant", `activation ${JSON.stringify(name.slice(0, 40))} is not supported.`);
    return known;
  });
  return Array.from({ length: directions }, (_, d) =>
    found.slice(d * activations.length, (d + 1) * activations.length),
  );
}

/** The part of a tensor [D, ...] that belongs to one direction. */
function ofDirection(x: Tensor, d: number): Tensor {
  const part = slice(
    x,
    x.shape.map((_, i) => (i === 0 ? d : 0)),
    [1, ...x.shape.slice(1)],
  );
  return reshape(part, x.shape.slice(1));
}

function checkShape(call: Call, what: string, x: Tensor | undefined, shape: readonly number[]): void {
  if (x !== undefined && x.shape.join() !== shape.join()) {
    throw call.error("shape", `${what} has shape [${x.shape.join(", ")}], not [${shape.join(", ")}].`);
  }
}

const recurrent =
  (layer: Layer) =>
  (call: Call): Tensor[] => {
    const byExample = call.int("layout", 0) === 1;
    const steps = byExample && call.input(0).shape.length === 3 ? transpose(call.input(0), [1, 0, 2]) : call.input(0);
    const [weight, hidden, bias, lengths] = [call.input(1), call.input(2), call.optional(3), call.optional(4)];
    const swap = (x: Tensor | undefined): Tensor | undefined =>
      x !== undefined && byExample && x.shape.length === 3 ? transpose(x, [1, 0, 2]) : x;
    const [initial, initialCell, peepholes] = [swap(call.optional(5)), swap(call.optional(6)), call.optional(7)];
    const [count, batch, features] = steps.shape;
    const [directions, , width] = hidden.shape;
    const kind = call.string("direction", "forward");
    if (count === undefined || batch === undefined || features === undefined || steps.shape.length !== 3) {
      throw call.error("shape", `needs [steps, batch, features], not [${steps.shape.join(", ")}].`);
    }
    if (directions === undefined || width === undefined || directions !== (kind === "bidirectional" ? 2 : 1)) {
      throw call.error(
        "shape",
        `recurrence weights [${hidden.shape.join(", ")}] do not fit direction ${JSON.stringify(kind.slice(0, 40))}.`,
      );
    }
    if (count < 1 || count > longest)
      throw call.error("onnx-too-large", `${count} steps; 1 to ${longest} can be unrolled.`);
    const { gates } = layer;
    checkShape(call, "the input weight", weight, [directions, gates * width, features]);
    checkShape(call, "the recurrence weight", hidden, [directions, gates * width, width]);
    checkShape(call, "the bias", bias, [directions, 2 * gates * width]);
    checkShape(call, "the initial state", initial, [directions, batch, width]);
    checkShape(call, "the initial cell", initialCell, [directions, batch, width]);
    checkShape(call, "the peepholes", peepholes, [directions, 3 * width]);
    if (lengths !== undefined && call.numbers(4, "the lengths of the sequences").some((n) => n !== count)) {
      throw call.error(
        "onnx-unsupported-variant",
        "sequences of different lengths in one batch are not supported; pad them and mask the loss.",
      );
    }
    const activations = activationsOf(call, layer, directions);
    const results = Array.from({ length: directions }, (_, d): State[] => {
      const [own, recurrence] =
        bias === undefined ? [] : split(ofDirection(bias, d), [gates * width, gates * width], 0);
      const rows = matmul(reshape(steps, [count * batch, features]), ofDirection(weight, d), { transposeB: true });
      const both =
        own === undefined || recurrence === undefined ? undefined : biasOf(call, layer, own, recurrence, width);
      const projected = both === undefined ? rows : add(rows, both);
      const each = Array.from({ length: count }, (_, t) => slice(projected, [t * batch, 0], [batch, gates * width]));
      const backwards = d === 1 || kind === "reverse";
      const zeros = full(0, [batch, width]);
      const direction: Direction = {
        steps: each,
        hidden: ofDirection(hidden, d),
        hiddenBias: recurrence,
        width,
        activations: activations[d]!,
        initial: initial === undefined ? zeros : ofDirection(initial, d),
        initialCell: initialCell === undefined ? zeros : ofDirection(initialCell, d),
        peepholes: peepholes === undefined ? undefined : ofDirection(peepholes, d),
      };
      const start: State = { hidden: direction.initial, cell: direction.initialCell };
      const states = scan(layer.cell(call, direction), backwards ? [...each].reverse() : each, start);
      // States in the order of the steps; the last one made is the first of a backward pass.
      return backwards ? states.reverse() : states;
    });
    const end = (d: number): State => results[d]![d === 1 || kind === "reverse" ? 0 : count - 1]!;
    const perStep = stack(Array.from({ length: count }, (_, t) => stack(results.map((states) => states[t]!.hidden))));
    const lastHidden = stack(results.map((_, d) => end(d).hidden));
    const lastCell = stack(results.map((_, d) => end(d).cell));
    if (!byExample) return [perStep, lastHidden, lastCell];
    return [transpose(perStep, [2, 0, 1, 3]), transpose(lastHidden, [1, 0, 2]), transpose(lastCell, [1, 0, 2])];
  };

/** Biases that only add are added once, to the product over all steps. */
function biasOf(call: Call, layer: Layer, own: Tensor, recurrence: Tensor, width: number): Tensor {
  const folded = layer.folded(call);
  if (folded.every(Boolean)) return add(own, recurrence);
  const widths = folded.map(() => width);
  const parts = split(own, widths, 0);
  const others = split(recurrence, widths, 0);
  return concat(
    parts.map((part, i) => (folded[i] ? add(part, others[i]!) : part)),
    0,
  );
}

/** Recurrent layers. */
export const recurrents: readonly OpEntry[] = [
  { name: "RNN", since: 7, limits: "up to 4096 steps, equal lengths, no clipping", translate: recurrent(plain) },
  { name: "GRU", since: 7, limits: "up to 4096 steps, equal lengths, no clipping", translate: recurrent(gated) },
  { name: "LSTM", since: 7, limits: "up to 4096 steps, equal lengths, no clipping", translate: recurrent(longShort) },
];
