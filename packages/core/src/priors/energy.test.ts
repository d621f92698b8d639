import { constant, graph, interpret } from "@recon/engine";
import { describe, expect, it } from "vitest";
import type { EnergyPrior } from "../problem.ts";
import { rng } from "../random.ts";
import { meanSquare } from "../testing/mutants/prior.ts";
import { boxPenalty, weightedSum } from "./energy.ts";

const at = (prior: EnergyPrior, ...x: number[]): number =>
  interpret(graph({}, { energy: prior.energy(constant(x, [1, x.length])) }), {}).energy!.data[0]!;

describe("boxPenalty", () => {
  it("is the mean squared distance from the box: (−1, .5, 3) over [0, 1] has (1 + 0 + 4) / 3", () => {
    expect(at(boxPenalty({ lower: 0, upper: 1 }), -1, 0.5, 3)).toBeCloseTo(5 / 3, 14);
    expect(at(boxPenalty({ lower: 0, upper: 1, weight: 6 }), -1, 0.5, 3)).toBeCloseTo(10, 14);
    expect(at(boxPenalty({ lower: 0, upper: 1 }), 0, 0.5, 1)).toBe(0);
  });

  it("takes a bound an entry", () => {
    const upper = { shape: [2], data: Float64Array.of(1, 2) };
    expect(at(boxPenalty({ lower: 0, upper }), 2, 2)).toBeCloseTo(0.5, 14);
  });

  it("guesses the middle", () => {
    const guess = boxPenalty({ lower: -1, upper: 3 }).blind!([2, 2], rng(1));
    expect(guess).toEqual({ shape: [2, 2], data: Float64Array.of(1, 1, 1, 1) });
  });

  it.each([-1, Number.NaN])("a weight of %s is a clear error", (weight) => {
    expect(() => boxPenalty({ lower: 0, upper: 1, weight })).toThrow(/"weight" of prior "box"/);
  });

  it("refuses an empty box", () => {
    expect(() => boxPenalty({ lower: 1, upper: 0 })).toThrow(/"lower" of the box penalty must be at most "upper"/);
  });
});

describe("weightedSum", () => {
  it("adds energies by weight and keeps the first blind guess", () => {
    const { blind: _blind, ...silent } = meanSquare();
    const both = weightedSum([
      { prior: silent, weight: 2 },
      { prior: boxPenalty({ lower: 0, upper: 1 }), weight: 3 },
    ]);
    // 2 · mean(4, 0) + 3 · mean(1, 0).
    expect(at(both, 2, 0)).toBeCloseTo(5.5, 14);
    expect(both.blind!([1, 1], rng(1)).data[0]).toBe(0.5);
  });

  it("without terms, or with weights of zero, is zero and builds nothing", () => {
    expect(at(weightedSum([]), 1, 2)).toBe(0);
    const never: EnergyPrior = {
      ...meanSquare(),
      energy: () => {
        throw new Error("built although its weight is 0");
      },
    };
    expect(at(weightedSum([{ prior: never, weight: 0 }]), 1, 2)).toBe(0);
  });
});
