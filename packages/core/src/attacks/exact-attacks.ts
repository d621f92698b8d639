import type { Attack } from "../problem.ts";
import { analytic } from "./analytic.ts";
import { fedavg } from "./fedavg.ts";
import { headUnmixing } from "./head-unmixing.ts";
import { layerRecursion } from "./layer-recursion.ts";
import { spanIntersection } from "./span-intersection.ts";
import { spear } from "./spear.ts";
import { tensor } from "./tensor.ts";
import { visibleEntries } from "./visible.ts";

/**
 * Every attack that solves instead of searching, in the order in which they are tried: one sample by division, whole batches by one layer, then by all of
 * them, one sample by all layers, features of a batch by the head, batches through several local steps.
 */
export function exactAttacks(): readonly Attack[] {
  const ofOneGradient = [analytic(), spear(), tensor(), spanIntersection(), visibleEntries(), layerRecursion()];
  return [...ofOneGradient, headUnmixing(), fedavg({ only: "direct" })];
}
