import type { Json, Model } from "@recon/core";
import type { ActivationName } from "./activation.ts";
import { batchNormStep } from "./batch-norm-step.ts";
import type { NamedStep } from "./chain-step.ts";
import { globalAverageStep } from "./pooling-steps.ts";
import { basicBlockStep, type ShortcutName } from "./residual-step.ts";
import { type DataShape, sequential } from "./sequential.ts";
import { activationStep, convStep, linearStep } from "./steps.ts";

export interface ResidualNetOptions {
  readonly name: string;
  readonly options: Json;
  readonly data: DataShape;
  /** Channels of each stage; every stage but the first halves height and width. */
  readonly widths: readonly number[];
  /** Blocks a stage. */
  readonly blocks: number;
  readonly activation: ActivationName;
  readonly shortcut: ShortcutName;
}

/**
 * A residual net for small images: a 3 × 3 convolution with stride 1 and no pooling behind it, stages of basic blocks, the mean of every channel and a
 * linear layer. Names are those of torchvision's residual nets: `conv1`, `bn1`, `layer1.0.conv1`, ..., `fc`.
 */
export function residualNet(net: ResidualNetOptions): Model {
  const { name, options, data, widths, blocks, activation, shortcut } = net;
  const stages = widths.flatMap((out, stage) =>
    Array.from({ length: blocks }, (_, block): NamedStep => {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      return [`layer${stage + 1}.${block}`, basicBlockStep({ out, stride, activation, shortcut })];
    }),
  );
  const steps: readonly NamedStep[] = [
    ["conv1", convStep({ out: widths[0]!, kernel: 3, pad: 1, bias: false })],
    ["bn1", batchNormStep()],
    ["relu", activationStep(activation)],
    ...stages,
    ["avgpool", globalAverageStep()],
    ["fc", linearStep(data.classes)],
  ];
  return sequential({ name, options, data, steps });
}
