export {
  type ActivationFunction,
  type CompiledActivation,
  compiledActivation,
  interpretedActivation,
} from "./activation-function.ts";
export { type HermiteArgument, type HermiteConstants, hermiteConstants } from "./hermite-constants.ts";
export { type JacobianBound, jacobianBound } from "./jacobian-bound.ts";
export type { MomentOrder } from "./moment-orders.ts";
export type { MomentSource } from "./moment-span.ts";
export type { BlockInSpan, TensorBlock, TensorOptions, TensorValue } from "./tensor-block.ts";
export { type TensorStartOptions, tensorStart } from "./tensor-start.ts";
export { twoLayerTensor } from "./two-layer-tensor.ts";
