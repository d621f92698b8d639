import { innerProduct } from "../../linear-algebra/vector.ts";
import type { FactoredGradient } from "./factored-gradient.ts";
import { sparsestInPencil } from "./pencil.ts";
import { extend, type RemainingSpace } from "./remaining-space.ts";
import { separability } from "./separability.ts";
import { secondVanishing, type Vanishing, vanishingVector } from "./vanishing.ts";

/** A column of Q: U q vanishes at many neurons, and the others are a half-space of the layer. */
export interface Column {
  /** Unit vector [r]. */
  readonly q: Float64Array;
  /** Neurons at which U q does not vanish, 1 or 0 [m]. */
  readonly active: Uint8Array;
  /** Number of neurons with a gradient at which it does. */
  readonly zeros: number;
}

/** Patterns of inputs reach .98 to 1, those of mixtures up to .97. */
const leastSeparability = 0.98;

/**
 * The columns among the ends of a search, none of them twice or known before.
 *
 * An end that is no column may be a mixture of a few, as samples that hardly differ have them; known columns are then taken out of it, and a mixture of two
 * unknown ones is split by the pencil with the second vector that vanishes where it does.
 *
 * @param nearly size of `rows · q` that counts as nearly zero.
 */
export function collectColumns(
  factored: FactoredGradient,
  space: RemainingSpace,
  known: readonly Column[],
  ends: readonly Float64Array[],
  nearly: number,
): Column[] {
  const basis: Float64Array[] = [];
  for (const { q } of known) extend(basis, q);
  const fresh: Column[] = [];
  const seen: Float64Array[] = known.map(({ q }) => q);

  function consider(end: Float64Array, split: boolean): void {
    if (seen.some((other) => sameDirection(other, end))) return;
    seen.push(end);
    const vanishing = vanishingVector(factored, end, nearly);
    if (vanishing === undefined) return;
    const second = secondVanishing(factored, vanishing);
    const parts = second === undefined ? [] : sparsestInPencil(factored, vanishing.q, second);
    const pure = purified(factored, vanishing, [...known, ...fresh], nearly);
    // Two sparser vectors of a pencil are what the end is a mixture of. One alone may be the column of a sample that activates hardly any other neurons.
    if (parts.length < 2 && separable(factored, space, vanishing)) {
      if (pure !== undefined && extend(basis, pure.q, 1e-4)) fresh.push(columnOf(factored, pure));
    } else if (split && pure !== undefined && pure !== vanishing) consider(pure.q, false);
    if (split) for (const part of parts) consider(part.q, false);
  }

  for (const end of ends) consider(end, true);
  return fresh;
}

/** The sparsest vector that a column becomes with multiples of others added, one after the other; undefined where that is one of the others. */
function purified(
  factored: FactoredGradient,
  vanishing: Vanishing,
  columns: readonly Column[],
  nearly: number,
): Vanishing | undefined {
  let best = vanishing;
  let last: Vanishing | undefined;
  while (best !== last) {
    last = best;
    for (const { q } of columns) {
      for (const part of sparsestInPencil(factored, best.q, q)) {
        if (part.zeros <= best.zeros.length || sameDirection(part.q, q)) continue;
        const sparser = vanishingVector(factored, part.q, nearly);
        if (sparser !== undefined && sparser.zeros.length > best.zeros.length) best = sparser;
      }
    }
  }
  return columns.some(({ q }) => sameDirection(q, best.q)) ? undefined : best;
}

export function columnOf({ neurons, layer }: FactoredGradient, { q, zeros }: Vanishing): Column {
  const active = new Uint8Array(layer.rows);
  for (const j of neurons) active[j] = 1;
  for (const n of zeros) active[neurons[n]!] = 0;
  return { q, active, zeros: zeros.length };
}

function separable(factored: FactoredGradient, { layer, fit }: RemainingSpace, vanishing: Vanishing): boolean {
  return separability(layer, fit, columnOf(factored, vanishing).active) > leastSeparability;
}

function sameDirection(a: Float64Array, b: Float64Array): boolean {
  return Math.abs(innerProduct(a, b)) > 1 - 1e-6;
}
