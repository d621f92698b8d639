import type { Operator } from "../problem.ts";
import { type OperatorLawOptions, operatorLaws } from "./laws/operator.ts";
import { register } from "./register.ts";

/** Registers the laws of forward operators as tests: shapes, derivatives, order and reduction of the batch, adjointness. */
export function testOperator(make: () => Operator, options: OperatorLawOptions = {}): void {
  register(`laws of the operator ${make().name}`, operatorLaws, make, options);
}
