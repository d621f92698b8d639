import { elu, leakyRelu, relu, sigmoid, softplus, type Tensor, tanh } from "@recon/engine";

/** The elementwise functions a model can be built with; `leakyRelu` has slope .2. */
export type ActivationName = "relu" | "leakyRelu" | "sigmoid" | "tanh" | "softplus" | "elu";

/** What they compute. */
export const activationFunctions: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = {
  relu: relu,
  leakyRelu: (x) => leakyRelu(x, 0.2),
  sigmoid: sigmoid,
  tanh: tanh,
  softplus: softplus,
  elu: (x) => elu(x),
};

/** Their names, for checks of options. */
export const activationNames: readonly ActivationName[] = Object.keys(activationFunctions) as ActivationName[];
