import { relu, sigmoid } from "@recon/engine";
import type { Network } from "./network.ts";
import { convolutional, leNetStages, threeByThree } from "./networks/convolutional.ts";
import { graphConvolution } from "./networks/graph-convolution.ts";
import { perceptron } from "./networks/perceptron.ts";
import { recurrent } from "./networks/recurrent.ts";
import { residual } from "./networks/residual.ts";
import { transformer } from "./networks/transformer.ts";

/** A network to measure and the time that it must not exceed. */
export interface Case {
  readonly name: string;
  readonly network: () => Network;
  /** Milliseconds a step of the same computation takes in PyTorch 1.13 eager mode on two cores: the reference. */
  readonly reference: number;
  /** Milliseconds a step may take. */
  readonly target: number;
}

const conv7 = (batch: number): Network => {
  const stages = threeByThree([
    [32, 1],
    [64, 1],
    [64, 1],
    [128, 2],
    [128, 1],
    [128, 2],
    [128, 2],
  ]);
  return convolutional(batch, 32, stages, relu);
};

const bert = (width: number, heads: number): Network =>
  transformer({ batch: 1, positions: 32, width, heads, hidden: 4 * width, layers: 2 });

/** Every case, by the name under which it is judged. */
export const cases: readonly Case[] = [
  { name: "mlp", network: () => perceptron([1, 3, 32, 32], [3072, 1024, 1024, 10]), reference: 42, target: 8 },
  { name: "lenet", network: () => convolutional(1, 32, leNetStages(12), sigmoid), reference: 2.4, target: 1.1 },
  { name: "conv7", network: () => conv7(1), reference: 64, target: 24 },
  { name: "conv7-b8", network: () => conv7(8), reference: 338, target: 165 },
  { name: "resnet18", network: () => residual(1, 32, [64, 128, 256, 512]), reference: 353, target: 110 },
  { name: "bert-tiny", network: () => bert(128, 2), reference: 12.2, target: 3 },
  { name: "bert-2x768", network: () => bert(768, 12), reference: 314, target: 50 },
  { name: "gru-96", network: () => recurrent(1, 96, 64, 96), reference: 57, target: 10 },
  { name: "gcn-30", network: () => graphConvolution(30, 64, 300), reference: 3.3, target: 0.8 },
];
