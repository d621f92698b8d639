import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { input } from "../ops/leaf.ts";
import type { Arrays } from "../tensor.ts";
import { adam, adamW, scaleByAdam } from "./adam.ts";
import { applyOptimiser, initialState, numberArrays, numberNames, stateInputs } from "./apply-optimiser.ts";
import { chain } from "./chain.ts";
import type { Optimiser } from "./optimiser.ts";
import { scale } from "./scale.ts";
import { cosineDecay } from "./schedule.ts";
import { sgd } from "./sgd.ts";
import { hardSign, softSign } from "./sign.ts";

/** p₁, p₂, … from p₀ under given gradients, through the graph in the reference interpreter. */
function follow(optimiser: Optimiser, start: readonly number[], gradients: readonly (readonly number[])[]): number[][] {
  const shape = [start.length];
  const parameters = { p: input("p", shape) };
  const state = stateInputs(optimiser, parameters, "state");
  const numbers = Object.fromEntries(numberNames(optimiser).map((name) => [name, input(name, [])]));
  const g = input("g", shape);
  const next = applyOptimiser(optimiser, parameters, { p: g }, state, numbers);
  const step = graph({ ...parameters, g, ...state, ...numbers }, { p: next.parameters.p!, ...next.state });
  let p: Arrays = { p: { shape, data: Float64Array.from(start) } };
  let memory = initialState(optimiser, parameters, "float64");
  return gradients.map((gradient, i) => {
    const fed = { g: { shape, data: Float64Array.from(gradient) } };
    const given = numberArrays(optimiser, { step: i, steps: gradients.length });
    const { p: moved, ...rest } = interpret(step, { ...p, ...memory, ...fed, ...given });
    p = { p: moved! };
    memory = rest;
    return Array.from(moved!.data);
  });
}

const last = (rows: readonly number[][]): readonly number[] => rows[rows.length - 1]!;

describe("known numbers", () => {
  test("plain descent subtracts the rate times the gradient", () => {
    expect(last(follow(sgd({ rate: 0.5 }), [1, -2], [[2, 4]]))).toEqual([0, -4]);
  });

  test("momentum of 1/2 under a constant gradient of 1 moves by 1, 1.5, 1.75", () => {
    const path = follow(sgd({ rate: 1, momentum: 0.5 }), [0], [[1], [1], [1]]);
    expect(path).toEqual([[-1], [-2.5], [-4.25]]);
  });

  test("Nesterov's look ahead moves by 1.5, 1.75", () => {
    const path = follow(sgd({ rate: 1, momentum: 0.5, nesterov: true }), [0], [[1], [1]]);
    expect(path).toEqual([[-1.5], [-3.25]]);
  });

  test("weight decay alone shrinks by 1 − rate λ, in descent and in AdamW", () => {
    expect(last(follow(sgd({ rate: 0.5, weightDecay: 0.5 }), [8], [[0], [0]]))).toEqual([8 * 0.75 ** 2]);
    expect(last(follow(adamW({ rate: 0.5, weightDecay: 0.5 }), [8], [[0], [0]]))).toEqual([8 * 0.75 ** 2]);
  });

  test("Adam under a constant gradient moves by the rate, whatever the gradient's size", () => {
    const path = follow(adam({ rate: 0.1, epsilon: 0 }), [0, 0], Array(4).fill([1e-6, -300]));
    path.forEach(([a, b], i) => {
      expect(a).toBeCloseTo(-0.1 * (i + 1), 12);
      expect(b).toBeCloseTo(0.1 * (i + 1), 12);
    });
  });

  test("the hard sign forgets magnitudes; the soft sign is tanh at the start and nearly the gradient at the end", () => {
    expect(last(follow(chain(hardSign(), scale(1)), [0, 0, 0], [[5, -0.1, 0]]))).toEqual([-1, 1, 0]);
    const path = follow(chain(softSign(), scale(1)), [0], [[2], [0], [0], [2]]);
    expect(path[0]![0]).toBeCloseTo(-Math.tanh(2), 14);
    expect(path[3]![0]! - path[2]![0]!).toBeCloseTo(-Math.tanh(0.5) / 0.25, 14);
  });
});

/** Adam and its kin written out for one number, as in the papers. */
function scalarAdam(
  p0: number,
  gradients: readonly number[],
  o: { rate: number; beta1: number; beta2: number; epsilon: number; coupled: number; decoupled: number },
): number[] {
  let [p, m, v] = [p0, 0, 0];
  return gradients.map((gradient, i) => {
    const g = gradient + o.coupled * p;
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * g * g;
    const mHat = m / (1 - o.beta1 ** (i + 1));
    const vHat = v / (1 - o.beta2 ** (i + 1));
    p -= o.rate * (mHat / (Math.sqrt(vHat) + o.epsilon) + o.decoupled * p);
    return p;
  });
}

test("Adam and AdamW follow the papers' recurrences on drawn gradients", () => {
  const seed = Number(process.env.RECON_TEST_SEED);
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  const unit = fc.double({ min: 0, max: 0.999, noNaN: true });
  const drawn = fc.record({
    p: number,
    gradients: fc.array(number, { minLength: 1, maxLength: 6 }),
    beta1: unit,
    beta2: unit,
  });
  fc.assert(
    fc.property(drawn, fc.boolean(), ({ p, gradients, beta1, beta2 }, decoupled) => {
      const shared = { rate: 0.03, beta1, beta2, epsilon: 1e-3 };
      const expected = scalarAdam(p, gradients, {
        ...shared,
        coupled: decoupled ? 0 : 0.2,
        decoupled: decoupled ? 0.2 : 0,
      });
      const optimiser = (decoupled ? adamW : adam)({ ...shared, weightDecay: 0.2 });
      const path = follow(
        optimiser,
        [p],
        gradients.map((g) => [g]),
      );
      path.forEach(([value], i) => {
        expect(Math.abs(value! - expected[i]!)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(expected[i]!)));
      });
    }),
    { seed, numRuns: 40 },
  );
});

test("a chain keeps parts of one name apart", () => {
  const twice = chain(
    scaleByAdam({ beta1: 0 }),
    scaleByAdam({ beta1: 0.5 }),
    scale(1),
    scale(cosineDecay({ rate: 2 })),
  );
  expect(twice.slots).toEqual(["adam.first", "adam.second", "adam2.first", "adam2.second"]);
  expect(twice.numbers({ step: 0, steps: 10 })).toMatchObject({ "scale.rate": 1, "scale2.rate": 2 });
  expect(twice.numbers({ step: 0, steps: 10 })["adam2.correction1"]).toBe(2);
});

test.each([
  ["a momentum of 1", () => sgd({ rate: 1, momentum: 1 })],
  ["look ahead without momentum", () => sgd({ rate: 1, nesterov: true })],
  ["a negative rate", () => adam({ rate: -1 })],
  ["a rate that is not a number", () => sgd({ rate: Number.NaN })],
  ["a decay of the second moment of 1", () => adam({ rate: 1, beta2: 1 })],
  ["a negative weight decay", () => adamW({ rate: 1, weightDecay: -1 })],
])("refuses %s", (_what, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "bad-option" }));
});
