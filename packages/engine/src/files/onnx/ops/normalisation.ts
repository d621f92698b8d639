/** Normalisation layers. */
import { add, div, mul, square, sub } from "../../../ops/arithmetic.ts";
import { batchNormEval, inverseDeviation, standardise } from "../../../ops/normalisation.ts";
import { mean, variance } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/shape.ts";
import { sqrt } from "../../../ops/unary.ts";
import type { Tensor } from "../../../tensor.ts";
import { axisOf, type Call, type OpEntry, type Translated } from "../call.ts";

/** One number a channel, in the shape in which it meets x [B, C, ...]. */
function perChannel(call: Call, x: Tensor, numbers: Tensor): Tensor {
  const channels = x.shape[1];
  if (channels === undefined || numbers.shape.length !== 1 || numbers.shape[0] !== channels) {
    throw call.error("shape", `[${numbers.shape.join(", ")}] is not one number a channel of [${x.shape.join(", ")}].`);
  }
  return reshape(numbers, [channels, ...x.shape.slice(2).map(() => 1)]);
}

/** Stored statistics in inference; those of the batch in training, with the running ones moved towards them. */
function batch(call: Call): Translated {
  const [x, weight, bias, average, spread] = [0, 1, 2, 3, 4].map((i) => call.input(i)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const epsilon = call.float("epsilon", 1e-5);
  for (const numbers of [weight, bias, average, spread]) perChannel(call, x, numbers);
  const training = call.opset >= 14 ? call.int("training_mode", 0) === 1 : call.outputs.length > 1;
  if (!training) return batchNormEval(x, average, spread, { weight, bias, epsilon });
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const normal = standardise(x, axes, epsilon);
  const y = add(mul(normal, perChannel(call, x, weight)), perChannel(call, x, bias));
  const momentum = call.float("momentum", 0.9);
  const moved = (running: Tensor, now: Tensor): Tensor => add(mul(running, momentum), mul(now, 1 - momentum));
  return [y, moved(average, mean(x, axes)), moved(spread, variance(x, axes))];
}

/** Over the last axes from `axis` on; the mean and the inverse deviation are further outputs. */
function layer(call: Call): Translated {
  const [x, weight, bias] = [call.input(0), call.input(1), call.optional(2)];
  const first = axisOf(call, call.int("axis", -1), x.shape.length);
  const axes = x.shape.map((_, axis) => axis).slice(first);
  const epsilon = call.float("epsilon", 1e-5);
  const scaled = mul(standardise(x, axes, epsilon), weight);
  return [bias === undefined ? scaled : add(scaled, bias), mean(x, axes, true), inverseDeviation(x, axes, epsilon)];
}

function instance(call: Call): Tensor {
  const [x, weight, bias] = [call.input(0), call.input(1), call.input(2)];
  if (x.shape.length < 3) throw call.error("shape", `needs [batch, channels, ...], not [${x.shape.join(", ")}].`);
  const axes = x.shape.map((_, axis) => axis).slice(2);
  const normal = standardise(x, axes, call.float("epsilon", 1e-5));
  return add(mul(normal, perChannel(call, x, weight)), perChannel(call, x, bias));
}

/** Scale and shift are one number a group until opset 20, one a channel from 21 on. */
function group(call: Call): Tensor {
  const [x, weight, bias] = [call.input(0), call.input(1), call.input(2)];
  const groups = call.int("num_groups", 0);
  const [examples, channels] = x.shape;
  if (examples === undefined || channels === undefined || !(groups >= 1) || channels % groups !== 0) {
    throw call.error("shape", `${groups} groups do not divide the channels of [${x.shape.join(", ")}].`);
  }
  const split = reshape(x, [examples, groups, channels / groups, ...x.shape.slice(2)]);
  const axes = split.shape.map((_, axis) => axis).slice(2);
  const grouped = standardise(split, axes, call.float("epsilon", 1e-5));
  const perGroup = (numbers: Tensor): Tensor => reshape(numbers, [groups, 1, ...x.shape.slice(2).map(() => 1)]);
  if (call.opset < 21) return reshape(add(mul(grouped, perGroup(weight)), perGroup(bias)), x.shape);
  return add(mul(reshape(grouped, x.shape), perChannel(call, x, weight)), perChannel(call, x, bias));
}

/** x / √(mean x² + ε), scaled. */
function rootMeanSquare(call: Call): Tensor {
  const [x, weight] = [call.input(0), call.input(1)];
  const first = axisOf(call, call.int("axis", -1), x.shape.length);
  const size = mean(square(x), x.shape.map((_, axis) => axis).slice(first), true);
  return mul(div(x, sqrt(add(size, call.float("epsilon", 1e-5)))), weight);
}

/** (x − mean) / √variance over axes. */
function meanVariance(call: Call): Tensor {
  const x = call.input(0);
  const axes = (call.ints("axes") ?? [0, 2, 3]).map((axis) => axisOf(call, axis, x.shape.length));
  return div(sub(x, mean(x, axes, true)), sqrt(add(variance(x, axes, true), 1e-9)));
}

/** Normalisation layers. */
export const normalisations: readonly OpEntry[] = [
  { name: "BatchNormalization", since: 7, translate: batch },
  { name: "LayerNormalization", since: 17, translate: layer },
  { name: "InstanceNormalization", since: 6, translate: instance },
  { name: "GroupNormalization", since: 18, translate: group },
  { name: "RMSNormalization", since: 23, translate: rootMeanSquare },
  { name: "MeanVarianceNormalization", since: 9, translate: meanVariance },
];
