import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import type { SpanCoordinates } from "../cut-layer/span-coordinates.ts";
import { boxPoints, type InputBounds } from "./box-points.ts";
import { deflated } from "./deflated.ts";
import { descendPoints } from "./descend-points.ts";
import type { PointEquations } from "./point-equations.ts";
import { splitWeakest } from "./split-weakest.ts";

export interface IntersectionOptions {
  readonly samples: number;
  /** V [D, n] of the first layer. */
  readonly basis: Matrix;
  readonly bounds: InputBounds;
  /** Rounds of 24 starts, 16 unless said. */
  readonly rounds?: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** Points that fulfil the equations as well as any that were found, and span as much as they can. */
export interface Intersection {
  /** q [samples, free]. */
  readonly points: Matrix;
  readonly starts: number;
  /** Whether another point, apart from these, fulfils the equations as well. */
  readonly ambiguous: boolean;
}

const startsOfRound = 24;
/** Rounds after which points that are missing may be two in one. */
const patience = 3;
/** Half distances of such two that are tried, in units of what the equations leave open. */
const widths = [2, 6, 1, 20];
const iterations = 60;
/** A point closer than this share of the largest distance to the plane through others is no corner besides them. */
const flat = 1e-4;
/** Points closer than this share of what the samples are apart are one. */
const alike = 1e-2;
/** A misfit this many times the least one is a resting place and no solution. */
const mostMisfit = 100;

/**
 * The points at which a span meets the spaces of later layers, by Levenberg–Marquardt from many starts: for a batch whose gradient shows them, these are its
 * samples, each found by itself.
 *
 * Between two samples that are close together lie points that fulfil the equations nearly as well, so the corners of what was found are taken; where these
 * are too few, the least certain are split. Whoever asks says whether they explain the gradients; if not, more starts may find other corners.
 *
 * @returns after every round of starts that changes them, as many points as there are samples.
 */
export async function* intersectSpans(
  equations: PointEquations,
  coordinates: SpanCoordinates,
  { samples, basis, bounds, rounds = 16, rng, signal }: IntersectionOptions,
): AsyncGenerator<Intersection, void> {
  let found: readonly Candidate[] = [];
  let before: readonly Candidate[] = [];
  for (let round = 0; round < rounds && !signal?.aborted; round++) {
    const start = boxPoints(basis, coordinates, bounds, startsOfRound, rng.split(`round ${round}`));
    const scale = spreadOf(start);
    // From the same starts, every second round goes where none has ended so far.
    const known = round % 2 === 1 ? apart(goodOf(found), scale) : [];
    const led = known.length === 0 ? start : await avoiding(equations, start, known, scale, signal);
    const { points: ends, misfits } = await descendPoints(equations, led, { iterations, signal });
    const free = ends.cols;
    const ended = Array.from(misfits, (misfit, i) => ({ misfit, q: ends.data.slice(i * free, (i + 1) * free) }));
    found = [...found, ...ended.filter(({ misfit }) => Number.isFinite(misfit))];
    const corners = cornersOf(found, samples);
    const same = corners.length === before.length && corners.every((corner) => before.includes(corner));
    if (same || (corners.length < samples && round < patience)) continue;
    before = corners;
    const points = matrix(corners.length, free);
    corners.forEach(({ q }, i) => {
      points.data.set(q, i * free);
    });
    const ambiguous = found.some((one) => isRival(one, corners));
    const starts = (round + 1) * startsOfRound;
    if (corners.length === samples) yield { points, starts, ambiguous };
    for (const width of corners.length < samples ? widths : []) {
      const best = corners.map(({ misfit }) => misfit);
      const split = await splitWeakest(equations, points, best, samples - corners.length, width);
      if (split !== undefined) yield { points: split, starts, ambiguous };
    }
  }
}

async function avoiding(
  equations: PointEquations,
  start: Matrix,
  known: readonly Candidate[],
  scale: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const others = deflated(
    equations,
    known.map(({ q }) => q),
    scale,
  );
  return (await descendPoints(others, start, { iterations, signal })).points;
}

/** Root mean square distance of points from their mean. */
function spreadOf({ rows, cols, data }: Matrix): number {
  const mean = new Float64Array(cols);
  data.forEach((value, at) => {
    mean[at % cols]! += value / rows;
  });
  return norm(data.map((value, at) => value - mean[at % cols]!)) / Math.sqrt(rows);
}

/** Those that fulfil the equations about as well as the best. */
function goodOf(all: readonly Candidate[]): Candidate[] {
  const least = Math.min(...all.map(({ misfit }) => misfit));
  return all.filter(({ misfit }) => misfit <= mostMisfit * least);
}

/** One of each group of points that are close together, the best first. */
function apart(all: readonly Candidate[], scale: number): Candidate[] {
  const kept: Candidate[] = [];
  for (const one of [...all].sort((a, b) => a.misfit - b.misfit)) {
    if (kept.every(({ q }) => distance(q, one.q) > alike * scale)) kept.push(one);
  }
  return kept;
}

interface Candidate {
  readonly q: Float64Array;
  readonly misfit: number;
}

/** Whether a point that is none of the corners fulfils the equations as well as they do. */
function isRival({ q, misfit }: Candidate, corners: readonly Candidate[]): boolean {
  const worst = Math.max(...corners.map((corner) => corner.misfit));
  const spread = Math.max(...corners.map((corner) => distance(corner.q, corners[0]!.q)));
  return misfit <= 10 * worst && corners.every((corner) => distance(corner.q, q) > alike * spread);
}

const distance = (a: Float64Array, b: Float64Array): number => norm(a.map((value, k) => value - b[k]!));

/** The best point, and one after another those farthest from the plane through the ones before (successive projection). */
function cornersOf(all: readonly Candidate[], most: number): Candidate[] {
  const best = all.reduce<Candidate | undefined>(
    (a, b) => (a !== undefined && a.misfit <= b.misfit ? a : b),
    undefined,
  );
  if (best === undefined) return [];
  const good = goodOf(all);
  const rest = good.map(({ q }) => q.map((value, k) => value - best.q[k]!));
  const corners = [best];
  let largest = 0;
  while (corners.length < most) {
    const lengths = rest.map((one) => norm(one));
    const farthest = lengths.indexOf(Math.max(...lengths));
    const length = lengths[farthest]!;
    largest = Math.max(largest, length);
    if (!(length > flat * largest)) break;
    corners.push(good[farthest]!);
    const direction = rest[farthest]!.map((value) => value / length);
    for (const one of rest) {
      const along = innerProduct(one, direction);
      for (let k = 0; k < one.length; k++) one[k]! -= along * direction[k]!;
    }
  }
  return corners;
}
