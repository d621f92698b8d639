import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import type { ActivationFunction } from "./activation-function.ts";
import type { ActivationShape } from "./activation-shape.ts";
import type { BlockEquations } from "./block-fit.ts";
import type { MomentOrder } from "./moment-orders.ts";
import type { RowSpan } from "./row-span.ts";

/** A "linear, activation, linear" block with the gradients of its weights: z = x Wᵀ + b, u = s(z) Aᵀ. */
export interface TensorBlock {
  /** W [m, d] and ∂ℓ/∂W. */
  readonly weight: Matrix;
  readonly weightGradient: Matrix;
  /** b [m] and ∂ℓ/∂b; both or none. */
  readonly bias?: ArrayLike<number>;
  readonly biasGradient?: ArrayLike<number>;
  /** A [K, m], and ∂ℓ/∂A where it was observed. */
  readonly outer: Matrix;
  readonly outerGradient?: Matrix;
  readonly activation: ActivationFunction;
}

/** What is known, and what the work is done with. */
export interface TensorOptions {
  readonly precision: "float32" | "float64";
  /** Standard deviation of independent noise on every entry; 0 for none. */
  readonly noiseStd?: number;
  /** Number of samples where it is told; otherwise the rank of the gradient. */
  readonly batchSize?: number;
  /** The one order of moments to use; chosen by the activation unless said. */
  readonly order?: MomentOrder;
  /** Euclidean length of every input, where it is told. */
  readonly inputLength?: number;
  /** Starts tried before the search gives up, 6. */
  readonly restarts?: number;
  readonly product: MatrixProduct;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** Samples behind a block, and what they rest on. */
export interface TensorValue {
  /** x [B, d]. */
  readonly inputs: Matrix;
  /** ∂ℓ/∂u [B, K] of every sample. */
  readonly cotangents: Matrix;
  /** What the tensor alone gave, before the polish [B, d]. */
  readonly start: Matrix;
  /** The block with its bias as one more input, in the span. */
  readonly inSpan: BlockInSpan;
  /** c [B, B], then r [B, K]: the inputs and cotangents as coordinates in the span. */
  readonly point: Float64Array;
  /** Whether the sign of a sample, or its length, has no bearing on the gradients. */
  readonly signOpen: boolean;
  readonly lengthOpen: boolean;
  /** Whether lengths that the gradients leave open were set to what was told. */
  readonly lengthTold: boolean;
}

/** A block in the span of its inputs. With a bias, [W | b] is its weight and (x, 1) its input. */
export interface BlockInSpan {
  /** [W | b] [m, D], or W alone. */
  readonly weight: Matrix;
  readonly biased: boolean;
  readonly span: RowSpan;
  readonly shape: ActivationShape;
  readonly equations: BlockEquations;
}
