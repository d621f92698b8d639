import type { Attack } from "../problem.ts";
import { type AttackLawOptions, attackLaws } from "./laws/attack.ts";
import { register } from "./register.ts";

/** Registers the laws of attacks as tests: a planted truth, honest certificates, refusal, fairness, abort, budget. */
export function testAttack(make: () => Attack, options: AttackLawOptions): void {
  register(`laws of the attack ${make().name}`, attackLaws, make, options);
}
