import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import { logicRules } from "./logic.ts";
import { movementRules } from "./movement.ts";
import { poolingRules } from "./pooling.ts";
import { productRules } from "./product.ts";
import { reductionRules } from "./reduction.ts";
import type { TraceRules } from "./rule.ts";

/** The kernels of TensorFlow.js that a trace understands. A new one gets a line in the file of its family. */
export const traceRules: TraceRules = {
  ...elementwiseRules,
  ...logicRules,
  ...movementRules,
  ...reductionRules,
  ...productRules,
  ...convolutionRules,
  ...poolingRules,
};
