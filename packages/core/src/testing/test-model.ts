import type { Model } from "../problem.ts";
import { type ModelLawOptions, modelLaws } from "./laws/model.ts";
import { register } from "./register.ts";

/** Registers the laws of models as tests: shapes, first and second derivatives, one item at a time, determinism. */
export function testModel(make: () => Model, options: ModelLawOptions = {}): void {
  const mode = options.mode === undefined ? "" : `, ${options.mode} mode`;
  register(`laws of the model ${make().name}${mode}`, modelLaws, make, options);
}
