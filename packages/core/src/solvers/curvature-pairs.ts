/** The last changes of x and of ∇f: s = x⁺ − x, y = ∇f⁺ − ∇f, oldest first. */
export interface CurvaturePairs {
  readonly s: Float64Array[];
  readonly y: Float64Array[];
  /** 1 / sᵀy. */
  readonly rho: number[];
}

/** Σ aᵢ bᵢ, in four interleaved sums, so that additions need not wait for one another. */
export function inner(a: Float64Array, b: Float64Array): number {
  const even = a.length - (a.length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = even; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** a ← a + factor · b, four entries at a time: with histories of 100 pairs this loop is most of a step. */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  const even = a.length - (a.length % 4);
  for (let i = 0; i < even; i += 4) {
    const a0 = a[i]! + factor * b[i]!;
    const a1 = a[i + 1]! + factor * b[i + 1]!;
    const a2 = a[i + 2]! + factor * b[i + 2]!;
    const a3 = a[i + 3]! + factor * b[i + 3]!;
    a[i] = a0;
    a[i + 1] = a1;
    a[i + 2] = a2;
    a[i + 3] = a3;
  }
  for (let i = even; i < a.length; i++) a[i]! += factor * b[i]!;
}

/** Adds a pair and forgets the oldest beyond `history`; a pair without positive curvature is left out. Returns whether it was kept. */
export function pushPair(pairs: CurvaturePairs, s: Float64Array, y: Float64Array, history: number): boolean {
  const curvature = inner(s, y);
  if (!(curvature > Number.EPSILON * Math.sqrt(inner(s, s) * inner(y, y)))) return false;
  pairs.s.push(s);
  pairs.y.push(y);
  pairs.rho.push(1 / curvature);
  if (pairs.s.length > history) {
    pairs.s.shift();
    pairs.y.shift();
    pairs.rho.shift();
  }
  return true;
}

/**
 * d ← H d with H the limited-memory inverse Hessian, started from γI, γ = sᵀy / yᵀy of the newest pair; in place.
 *
 * @see Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.4.
 */
export function applyInverseHessian({ s, y, rho }: CurvaturePairs, d: Float64Array): void {
  const newest = s.length - 1;
  if (newest < 0) return;
  const alpha = new Float64Array(s.length);
  for (let k = newest; k >= 0; k--) {
    alpha[k] = rho[k]! * inner(s[k]!, d);
    addScaled(d, -alpha[k]!, y[k]!);
  }
  const gamma = 1 / (rho[newest]! * inner(y[newest]!, y[newest]!));
  for (let i = 0; i < d.length; i++) d[i]! *= gamma;
  for (let k = 0; k <= newest; k++) addScaled(d, alpha[k]! - rho[k]! * inner(y[k]!, d), s[k]!);
}
