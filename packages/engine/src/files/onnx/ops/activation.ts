/** Activations and normalised exponentials. */
import { add, div, mul, sub } from "../../../ops/arithmetic.ts";
import { abs, clip, greater, minimum, select } from "../../../ops/compare.ts";
import { scalar } from "../../../ops/leaf.ts";
import { reshape, transpose } from "../../../ops/shape.ts";
import { logSoftmax, softmax } from "../../../ops/softmax.ts";
import { gelu, geluTanh } from "../../../ops/special.ts";
import { elu, exp, leakyRelu, relu, sigmoid, softplus, tanh } from "../../../ops/unary.ts";
import { sizeOf, type Tensor } from "../../../tensor.ts";
import { axisOf, type Call, type OpEntry, type Translate } from "../call.ts";

const unary =
  (build: (x: Tensor, call: Call) => Tensor): Translate =>
  (call) =>
    build(call.input(0), call);

/** a (eˣ − 1) for x ≤ 0. The exponential sees only x ≤ 0, so that the branch not taken cannot overflow. */
const negativeExponential = (x: Tensor, a: number): Tensor => mul(sub(exp(minimum(x, 0)), 1), a);

/** γ x for x > 0, γ α (eˣ − 1) elsewhere. */
const selu = (x: Tensor, alpha: number, gamma: number): Tensor =>
  mul(select(greater(x, 0), x, negativeExponential(x, alpha)), gamma);

/** max(0, x) + min(0, α (e^(x / α) − 1)). */
const celu = (x: Tensor, alpha: number): Tensor => select(greater(x, 0), x, negativeExponential(div(x, alpha), alpha));

const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor => clip(add(mul(x, alpha), beta), 0, 1);

/** Over one axis from opset 13 on; before, over all axes from `axis` on, taken together. */
const normalised =
  (build: (x: Tensor) => Tensor): Translate =>
  (call) => {
    const x = call.input(0);
    const rank = x.shape.length;
    const axis = axisOf(call, call.int("axis", call.opset < 13 ? 1 : -1), Math.max(rank, 1));
    if (axis === rank - 1) return build(x);
    if (call.opset < 13) {
      const rows = reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return reshape(build(rows), x.shape);
    }
    const order = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
    return transpose(build(transpose(x, order)), order);
  };

/** 1.0507 and 1.6733: Klambauer et al. 2017, as the format rounds them. */
const seluAlpha = 1.6732632423543772;
const seluGamma = 1.0507009873554805;

/** Activations. */
export const activation: readonly OpEntry[] = [
  { name: "Relu", since: 6, translate: unary((x) => relu(x)) },
  { name: "LeakyRelu", since: 6, translate: unary((x, call) => leakyRelu(x, call.float("alpha", 0.01))) },
  {
    name: "PRelu",
    since: 7,
    translate: (call) => {
      const x = call.input(0);
      return select(greater(x, 0), x, mul(x, call.input(1)));
    },
  },
  { name: "Sigmoid", since: 6, translate: unary((x) => sigmoid(x)) },
  {
    name: "HardSigmoid",
    since: 6,
    translate: unary((x, call) => hardSigmoid(x, call.float("alpha", 0.2), call.float("beta", 0.5))),
  },
  { name: "HardSwish", since: 14, translate: unary((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))) },
  { name: "Tanh", since: 6, translate: unary((x) => tanh(x)) },
  { name: "Softplus", since: 1, translate: unary((x) => softplus(x)) },
  { name: "Softsign", since: 1, translate: unary((x) => div(x, add(abs(x), scalar(1)))) },
  {
    name: "Gelu",
    since: 20,
    translate: unary((x, call) => (call.string("approximate", "none") === "tanh" ? geluTanh(x) : gelu(x))),
  },
  { name: "com.microsoft::Gelu", since: 1, translate: unary((x) => gelu(x)) },
  { name: "Mish", since: 18, translate: unary((x) => mul(x, tanh(softplus(x)))) },
  { name: "Elu", since: 6, translate: unary((x, call) => elu(x, call.float("alpha", 1))) },
  {
    name: "Selu",
    since: 6,
    translate: unary((x, call) => selu(x, call.float("alpha", seluAlpha), call.float("gamma", seluGamma))),
  },
  { name: "Celu", since: 12, translate: unary((x, call) => celu(x, call.float("alpha", 1))) },
  {
    name: "ThresholdedRelu",
    since: 10,
    translate: unary((x, call) => select(greater(x, call.float("alpha", 1)), x, scalar(0))),
  },
  { name: "Softmax", since: 1, translate: normalised(softmax) },
  { name: "LogSoftmax", since: 1, translate: normalised(logSoftmax) },
];
