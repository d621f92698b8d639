import { expectCaught } from "../mutants/expect-caught.ts";
import { modelMutants } from "../mutants/model.ts";
import { referenceModel } from "../reference-model.ts";
import { testModel } from "../test-model.ts";
import { modelLaws } from "./model.ts";

// 5 · 4 + 4 + 4 · 3 + 3 weights.
testModel(referenceModel, { parameters: 39 });

expectCaught(modelLaws, modelMutants, {});
