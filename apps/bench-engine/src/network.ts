import { input, type Shape, type Tensor } from "@recon/engine";

/** A network under measurement: parameters by name and the logits [B, classes] that it computes from x. */
export interface Network {
  readonly inputShape: Shape;
  readonly classes: number;
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly logits: (x: Tensor) => Tensor;
}

/** Declares parameters while a network is written down: `weight` and `bias` make named inputs and remember them. */
export function parameterList(): {
  readonly parameters: Record<string, Tensor>;
  readonly declare: (name: string, shape: Shape) => Tensor;
} {
  const parameters: Record<string, Tensor> = {};
  const declare = (name: string, shape: Shape): Tensor => {
    const node = input(name, shape);
    parameters[name] = node;
    return node;
  };
  return { parameters, declare };
}
