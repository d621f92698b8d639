import { avgPool, convolution, linear, reshape, type Tensor } from "@recon/engine";
import { classifier, declarations, type Network } from "../network.ts";

/** One convolution with its activation, and the average pooling after it where there is one. */
export interface Stage {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pool: number;
}

/** Convolutions with "same" padding from three channels of extent × extent, then one linear layer to ten classes. */
export function convolutional(
  batch: number,
  extent: number,
  stages: readonly Stage[],
  activation: (z: Tensor) => Tensor,
): Network {
  const declared = declarations();
  let channels = 3;
  let reach = extent;
  const layers = stages.map((stage, i) => {
    const layer = declared.layer(`${i + 1}`, [stage.channels, channels, stage.kernel, stage.kernel]);
    channels = stage.channels;
    reach /= stage.stride * stage.pool;
    return { ...stage, ...layer };
  });
  const features = channels * reach * reach;
  const head = declared.layer("head", [10, features]);
  return classifier(declared, [batch, 3, extent, extent], 10, (x) => {
    let h = x;
    for (const { weight, bias, stride, kernel, pool } of layers) {
      h = activation(convolution(h, weight, bias, { strides: stride, pads: (kernel - 1) / 2 }));
      if (pool > 1) h = avgPool(h, pool);
    }
    return linear(reshape(h, [batch, features]), head.weight, head.bias);
  });
}

const fiveByFive =
  (channels: number) =>
  (stride: number): Stage => ({ channels, kernel: 5, stride, pool: 1 });

/** Stages of the LeNet of Zhu et al. 2019. */
export const leNetStages = (channels: number): readonly Stage[] => [2, 2, 1].map(fiveByFive(channels));

/** Stages of three-by-three convolutions: each its channels and the pooling after it. */
export const threeByThree = (stages: readonly (readonly [number, number])[]): readonly Stage[] =>
  stages.map(([channels, pool]) => ({ channels, kernel: 3, stride: 1, pool }));
