import { choiceRules } from "./choice.ts";
import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { latticeRules } from "./lattice.ts";
import { movementRules } from "./movement.ts";
import { poolingRules } from "./pooling.ts";
import { productRules } from "./product.ts";
import { reductionRules } from "./reduction.ts";
import type { TfjsRules } from "./rule.ts";

/** How every op of the engine runs on TensorFlow.js, by name. A new op gets a line in the file of its family. */
export const tfjsRules: TfjsRules = {
  ...elementwiseRules,
  ...choiceRules,
  ...movementRules,
  ...latticeRules,
  ...indexingRules,
  ...reductionRules,
  ...productRules,
  ...poolingRules,
  ...convolutionRules,
};
