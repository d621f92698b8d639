import type { Attack } from "../problem.ts";
import { analytic } from "./analytic.ts";
import { headUnmixing } from "./head-unmixing.ts";
import { layerRecursion } from "./layer-recursion.ts";
import { spear } from "./spear.ts";

/** Every attack that solves instead of searching, in the order in which they are tried: the cheapest and most certain first. */
export function exactAttacks(): readonly Attack[] {
  return [analytic(), layerRecursion(), headUnmixing(), spear()];
}
