import { avgPool, convolution, linear, relu, reshape, sigmoid, type Tensor } from "@recon/engine";
import { type Network, parameterList } from "./network.ts";

/** A network to measure and the time that it must not exceed. */
export interface Case {
  readonly name: string;
  readonly network: () => Network;
  /** Milliseconds a step of the same computation takes in PyTorch 1.13 eager mode on two cores: the reference. */
  readonly reference: number;
  /** Milliseconds a step may take. */
  readonly target: number;
}

/** Layers of units joined by ReLU: sizes[0] → sizes[1] → ... */
function perceptron(sizes: readonly number[]): Network {
  const { parameters, declare } = parameterList();
  const layers = sizes.slice(1).map((units, i) => ({
    weight: declare(`weight${i + 1}`, [units, sizes[i]!]),
    bias: declare(`bias${i + 1}`, [units]),
  }));
  const logits = (x: Tensor): Tensor =>
    layers.reduce(
      (h, { weight, bias }, i) => (i === layers.length - 1 ? linear(h, weight, bias) : relu(linear(h, weight, bias))),
      reshape(x, [x.shape[0]!, sizes[0]!]),
    );
  return { inputShape: [1, 3, 32, 32], classes: sizes.at(-1)!, parameters, logits };
}

/** One convolution with its activation, and the average pooling after it where there is one. */
interface Stage {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pool: number;
}

/** Convolutions with "same" padding from three channels of 32 × 32, then one linear layer to ten classes. */
function convolutional(batch: number, stages: readonly Stage[], activation: (z: Tensor) => Tensor): Network {
  const { parameters, declare } = parameterList();
  let channels = 3;
  let extent = 32;
  const layers = stages.map((stage, i) => {
    const weight = declare(`weight${i + 1}`, [stage.channels, channels, stage.kernel, stage.kernel]);
    const bias = declare(`bias${i + 1}`, [stage.channels]);
    channels = stage.channels;
    extent /= stage.stride * stage.pool;
    return { ...stage, weight, bias };
  });
  const features = channels * extent * extent;
  const head = { weight: declare("weightHead", [10, features]), bias: declare("biasHead", [10]) };
  const logits = (x: Tensor): Tensor => {
    let h = x;
    for (const { weight, bias, stride, kernel, pool } of layers) {
      h = activation(convolution(h, weight, bias, { strides: stride, pads: (kernel - 1) / 2 }));
      if (pool > 1) h = avgPool(h, pool);
    }
    return linear(reshape(h, [x.shape[0]!, features]), head.weight, head.bias);
  };
  return { inputShape: [batch, 3, 32, 32], classes: 10, parameters, logits };
}

const threeByThree = (channels: number, pool: number): Stage => ({ channels, kernel: 3, stride: 1, pool });
const fiveByFive = (stride: number): Stage => ({ channels: 12, kernel: 5, stride, pool: 1 });

const conv7 = (batch: number): Network =>
  convolutional(
    batch,
    [
      threeByThree(32, 1),
      threeByThree(64, 1),
      threeByThree(64, 1),
      threeByThree(128, 2),
      threeByThree(128, 1),
      threeByThree(128, 2),
      threeByThree(128, 2),
    ],
    relu,
  );

/** Every case, by the name under which it is judged. */
export const cases: readonly Case[] = [
  { name: "mlp", network: () => perceptron([3072, 1024, 1024, 10]), reference: 42, target: 21 },
  {
    name: "lenet",
    network: () => convolutional(1, [fiveByFive(2), fiveByFive(2), fiveByFive(1)], sigmoid),
    reference: 2.4,
    target: 2.4,
  },
  { name: "conv7", network: () => conv7(1), reference: 65, target: 45 },
  { name: "conv7-b8", network: () => conv7(8), reference: 338, target: 169 },
];
