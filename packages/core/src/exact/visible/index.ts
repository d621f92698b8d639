export type { BoundedBlock } from "./bounded-block.ts";
export { type KnownJacobian, knownJacobian } from "./known-jacobian.ts";
export { momentSpan } from "./moment-span.ts";
export {
  type BoundedProgress,
  type BoundedValue,
  type RecoverBoundedOptions,
  recoverBounded,
} from "./recover-bounded.ts";
