import type { Arrays, NdArray } from "@recon/engine";
import { itemOf } from "../arrays.ts";
import type { Domain } from "../problem.ts";
import type { Truth } from "../victim.ts";
export interface JudgedItem { readonly id: string; readonly estimate: NdArray; readonly truth: NdArray; readonly blind: NdArray; readonly metric: Record<string, number>; readonly floor: Record<string, number> }
export function judge(value: Arrays, truth: Truth, domain: Domain): JudgedItem[] {
  return truth.ids.map((id, i) => {
    const t = itemOf(truth.input, i), e = itemOf(value.input!, i), blind = domain.blind(t.shape);
    const s = (x: NdArray) => Object.fromEntries(domain.metrics.map((m) => [m.name, m.score(x, t)]));
    return { id, estimate: e, truth: t, blind, metric: s(e), floor: s(blind) };
  });
}
