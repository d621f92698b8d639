import { describe, expect, test } from "vitest";
import { graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { avgPool } from "./avg-pool.ts";
import { select } from "./compare.ts";
import { and, argMax, not, oneHot, round, topKMask } from "./discrete.ts";
import { gather, gatherElements, scatterAdd, scatterAddElements } from "./gather.ts";
import { constant, input } from "./leaf.ts";
import { crossEntropy, squaredError } from "./loss.ts";
import { maxPool } from "./max-pool.ts";
import { groupNorm, layerNorm } from "./normalisation.ts";
import { split, stack, tile } from "./pieces.ts";
import { gru } from "./recurrent.ts";
import { spread, stridedSlice } from "./stride.ts";
import { transposedConvolution } from "./transposed-convolution.ts";

const x = input("x", [2, 4, 6]);
const whole = (values: readonly number[]) => constant(values, [values.length], "int");

const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["gather by numbers", () => gather(x, constant([1], [1])), /gather: indices hold float; they must be int/],
  ["gather outside", () => gather(x, whole([0, 2])), /gather: index 2 is not one of 0 … 1/],
  ["gather along no axis", () => gather(x, whole([0]), 3), /gather: axes \[3\] do not fit/],
  ["scatterAdd of another shape", () => scatterAdd(x, whole([0, 1, 0]), 3), /scatterAdd: indices \[3\] at axis 0/],
  [
    "gatherElements of other rows",
    () => gatherElements(x, whole([0])),
    /gatherElements: .* must agree in all axes but the last/,
  ],
  [
    "scatterAddElements of other widths",
    () => scatterAddElements(constant([1, 2], [2]), whole([0]), 3),
    /2 updates a row for 1/,
  ],
  ["oneHot of numbers", () => oneHot(x, 3), /oneHot: indices hold float/],
  ["a condition that is a number", () => select(x, x, x), /select: the condition holds float; it must be bool/],
  ["logic on numbers", () => and(x, x), /and: operands hold float/],
  ["logic on one number", () => not(x), /not: operands hold float/],
  ["too many elements", () => topKMask(x, 7), /topKMask: 7 elements of rows of 6; give 1 … 6/],
  ["argMax along no axis", () => argMax(x, 5), /argMax: axes \[5\]/],
  [
    "a lattice outside",
    () => stridedSlice(x, [0, 0, 1], [2, 4, 3], [1, 1, 3]),
    /stridedSlice: .* do not fit in \[2, 4, 6\]/,
  ],
  ["a lattice without steps", () => spread(x, [2, 4, 9], [0, 0, 0], [1, 1, 0]), /spread: /],
  ["pieces that do not add up", () => split(x, [2, 3], 2), /split: pieces \[2,3\] add up to 5, not to 6/],
  ["nothing to stack", () => stack([]), /stack: there is nothing to join/],
  ["tile of another rank", () => tile(x, [2]), /tile: repeats \[2\]/],
  ["windows larger than x", () => maxPool(x, 9), /maxPool: size \[9\]/],
  ["windows within the border", () => avgPool(x, 2, { pads: 2 }), /pads must be smaller than the size/],
  ["groups that do not divide", () => groupNorm(x, 3), /groupNorm: 3 groups do not divide 4 channels/],
  ["no axes to normalise", () => layerNorm(x, { axes: 4 }), /layerNorm: 4 axes of x \[2, 4, 6\]; give 1 … 3/],
  [
    "classes of another shape",
    () => crossEntropy(x, whole([1, 2])),
    /crossEntropy: target \[2\] for logits \[2, 4, 6\]/,
  ],
  [
    "a target of another shape",
    () => squaredError(x, whole([1, 2])),
    /squaredError: target \[2\] must have shape \[2, 4, 6\]/,
  ],
  [
    "recurrent weights that do not fit",
    () => gru(x, { input: x, hidden: x }),
    /gru: .* must be \[B, T, I\], \[3·H, I\] and \[3·H, H\]/,
  ],
  [
    "channels that do not fit",
    () => transposedConvolution(x, input("w", [3, 1, 2])),
    /transposedConvolution: these do not fit/,
  ],
];

test.each(refused)("%s is refused in words", (_name, build, message) => {
  expect(build).toThrow(message);
});

describe("known values", () => {
  const values = (y: ReturnType<typeof round>): number[] => Array.from(interpret(graph({}, { y }), {}).y!.data);

  test("halves go to the even integer", () => {
    expect(values(round(constant([0.5, 1.5, 2.5, -2.5, -1.5, 2.4999], [6])))).toEqual([0, 2, 2, -2, -2, 2]);
  });

  test("rows that are picked twice add up", () => {
    expect(values(scatterAdd(constant([1, 2, 3], [3]), whole([2, 0, 2]), 4))).toEqual([2, 0, 4, 0]);
  });

  test("the first of equal elements win", () => {
    expect(values(topKMask(constant([3, 1, 3, 3], [4]), 2))).toEqual([1, 0, 1, 0]);
  });

  test("a border never wins a maximum, and is left out of a mean on demand", () => {
    const y = constant([-1, -2, -3, -4], [1, 1, 4]);
    expect(values(maxPool(y, 3, { strides: 2, pads: 1 }))).toEqual([-1, -2]);
    expect(values(avgPool(y, 3, { strides: 2, pads: 1, countBorder: false }))).toEqual([-1.5, -3]);
    const counted = values(avgPool(y, 3, { strides: 2, pads: 1 }));
    expect(counted[0]).toBeCloseTo(-1, 14);
    expect(counted[1]).toBeCloseTo(-3, 14);
  });
});
