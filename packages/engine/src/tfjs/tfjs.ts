import type * as core from "@tensorflow/tfjs-core";

/**
 * TensorFlow.js as it is passed in: the namespace of `@tensorflow/tfjs-core`, or of a package that exports all of it, such as
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs`.
 */
export type Tfjs = typeof core;

/** A tensor of TensorFlow.js, of any rank. */
export type TfjsTensor = core.Tensor;
