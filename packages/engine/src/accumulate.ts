import { add } from "./ops/arithmetic.ts";
import { matmul } from "./ops/matmul.ts";
import { reshape, sum } from "./ops/shape.ts";
import { concat, pad } from "./ops/slice.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** From so many terms on, a sum is taken over one array of them all. */
const many = 8;

interface Piece {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly content: Tensor;
}

/** What a pad node puts where, if it adds zeros along one axis only. */
function pieceOf(node: Tensor): Piece | undefined {
  const content = node.inputs[0];
  if (node.op.name !== "pad" || content === undefined) return undefined;
  const axes = node.shape.map((_, axis) => axis).filter((axis) => node.shape[axis] !== content.shape[axis]);
  const axis = axes[0];
  if (axis === undefined || axes.length > 1) return undefined;
  const start = (node.attributes.before as readonly number[])[axis]!;
  return { axis, start, end: start + content.shape[axis]!, content };
}

/** Pieces that lie one behind the other become one piece: Σ of their pads is the pad of their concatenation. */
function joinPieces(terms: readonly Tensor[]): Tensor[] {
  const pieces: Piece[] = [];
  const rest: Tensor[] = [];
  for (const term of terms) {
    const piece = pieceOf(term);
    if (piece === undefined) rest.push(term);
    else pieces.push(piece);
  }
  const chains: Piece[][] = [];
  const open = new Map<string, Piece[]>();
  for (const piece of [...pieces].sort((a, b) => a.start - b.start)) {
    const before = `${piece.axis}:${piece.start}`;
    const chain = open.get(before) ?? [];
    open.delete(before);
    if (chain.length === 0) chains.push(chain);
    chain.push(piece);
    open.set(`${piece.axis}:${piece.end}`, chain);
  }
  const shape = terms[0]!.shape;
  const joined = chains.map((chain) => {
    const { axis, start } = chain[0]!;
    const end = chain.at(-1)!.end;
    const along = (extent: number): number[] => shape.map((_, i) => (i === axis ? extent : 0));
    const content = concat(
      chain.map((piece) => piece.content),
      axis,
    );
    return pad(content, along(start), along(shape[axis]! - end));
  });
  return [...rest, ...joined];
}

/** Σ Aₖ Bₖ = [A₁ A₂ …] [B₁; B₂; …], for products whose factors are smaller than what they make: the sum is then part of one product. */
function joinProducts(terms: readonly Tensor[]): Tensor[] {
  const groups = new Map<string, Tensor[]>();
  const rest: Tensor[] = [];
  for (const term of terms) {
    const [a, b] = term.inputs;
    const small = a !== undefined && b !== undefined && sizeOf(a.shape) + sizeOf(b.shape) <= sizeOf(term.shape);
    if (term.op.name !== "matmul" || !small || a.shape.length !== 2 || b.shape.length !== 2) {
      rest.push(term);
      continue;
    }
    const key = `${term.attributes.transposeA} ${term.attributes.transposeB}`;
    groups.set(key, [...(groups.get(key) ?? []), term]);
  }
  for (const group of groups.values()) {
    if (group.length < many) {
      rest.push(...group);
      continue;
    }
    const { transposeA, transposeB } = group[0]!.attributes as { transposeA: boolean; transposeB: boolean };
    const left = concat(
      group.map((term) => term.inputs[0]!),
      transposeA ? 0 : 1,
    );
    const right = concat(
      group.map((term) => term.inputs[1]!),
      transposeB ? 1 : 0,
    );
    rest.push(matmul(left, right, { transposeA, transposeB }));
  }
  return rest;
}

/**
 * Σ of the cotangents that reach one node, all of its shape, by as few nodes as their structure allows.
 *
 * A tensor that was cut into pieces gets its cotangents in pieces, and weights that are used at every step of a recurrence get a product a step; added one by
 * one, both would cost a pass over the whole tensor each.
 */
export function accumulate(contributions: readonly Tensor[]): Tensor {
  if (contributions.length === 1) return contributions[0]!;
  const terms = joinProducts(joinPieces(contributions));
  const shape = terms[0]!.shape;
  if (terms.length < many || shape.length === 0) return terms.reduce((a, b) => add(a, b));
  return sum(reshape(concat(terms, 0), [terms.length, ...shape]), [0]);
}
