export { type ActivationFunction, compiledActivation, interpretedActivation } from "./activation-function.ts";
export { type HermiteConstants, hermiteConstants } from "./hermite-constants.ts";
export { type JacobianBound, jacobianBound } from "./jacobian-bound.ts";
export type { MomentOrder } from "./moment-orders.ts";
export type { TensorBlock, TensorOptions, TensorValue } from "./tensor-block.ts";
export { twoLayerTensor } from "./two-layer-tensor.ts";
