import { rng } from "@recon/core";
import { testPrior } from "@recon/core/testing";
import { constant, graph, interpret, type NdArray, type Tensor } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { fitTails, type TailsFit } from "./fit-tails.ts";
import { gaussianProcess, priorRows } from "./gaussian-process.ts";
import { studentProcess } from "./student-process.ts";

const covariance = { noise: 0.1, cycle: 0.4, period: 6, smooth: 0.2, smooth_length: 3 };

testPrior(() => studentProcess({ ...covariance, mean: [0.4, 0.6], degrees: 4 }), { shape: [3, 9, 2] });
testPrior(() => studentProcess({ fitted_to: "us-births" }), { shape: [2, 5, 1] });

const energyAt = (energy: Tensor): number => interpret(graph({}, { energy }), {}).energy!.data[0]!;
const tensor = ({ shape, data }: NdArray): Tensor => constant(data, shape);
const series = (values: readonly number[], columns = 1): NdArray => ({
  shape: [1, values.length / columns, columns],
  data: Float64Array.from(values),
});

describe("the energy", () => {
  test("is that of Student's distribution for one step, by hand", () => {
    const prior = studentProcess({ mean: 0.5, noise: 0.3, smooth: 0.4, degrees: 3, scale: 0.5 });
    const z = (0.9 - 0.5) / Math.sqrt(0.3 ** 2 + 0.4 ** 2);
    expect(energyAt(prior.energy(tensor(series([0.9]))))).toBeCloseTo(2 * Math.log(1 + z ** 2 / (3 * 0.25)), 12);
  });
  test("differs like that of the Gaussian process where there are many degrees of freedom", () => {
    const [light, normal] = [studentProcess({ ...covariance, degrees: 1000, scale: 1 }), gaussianProcess(covariance)];
    const [a, b] = [series([0.1, 0.4, 0.7, 0.5]), series([0.5, 0.6, 0.3, 0.2])].map(tensor) as [Tensor, Tensor];
    const [ours, theirs] = [light, normal].map((prior) => energyAt(prior.energy(a)) - energyAt(prior.energy(b)));
    expect(Math.abs(ours! - theirs!)).toBeLessThan(0.02 * Math.abs(theirs!));
  });
  test("forgives a leap what the Gaussian process does not", () => {
    const leap = tensor(series([0.5, 0.5, 5, 0.5]));
    expect(energyAt(studentProcess(covariance).energy(leap))).toBeLessThan(
      energyAt(gaussianProcess(covariance).energy(leap)) / 5,
    );
  });
});

test("its quadratic energy touches it at a series, and is nowhere below it up to the constant between them", () => {
  const prior = studentProcess({ ...covariance, mean: [0.4, 0.6], degrees: 3 });
  const at = series([0.1, 0.9, 2.7, 0.8, 0.3, 0.6], 2);
  const touching = prior.quadratic(at);
  const between = energyAt(prior.energy(tensor(at))) - energyAt(touching.energy(tensor(at)));
  const random = rng("elsewhere");
  for (let i = 0; i < 20; i++) {
    const size = 10 ** (random.uniform() * 4 - 3);
    const other = { ...at, data: at.data.map((value) => value + size * random.normal()) };
    const above = energyAt(touching.energy(tensor(other))) + between - energyAt(prior.energy(tensor(other)));
    expect(above).toBeGreaterThan(-1e-9);
    // It touches: what is left between them falls with the square of the distance.
    if (size < 0.01) expect(above).toBeLessThan(1e3 * size ** 2);
  }
  expect(prior.quadratic().name).toBe("gaussian-process");
});

describe.each([
  ["gaussian-process", gaussianProcess],
  ["student-process", studentProcess],
] as const)("%s: inputs and targets in one piece", (_, process) => {
  test("cost what the whole curve does", () => {
    const prior = process({ ...covariance, mean: 0.4 });
    const joint = prior.jointEnergy(
      tensor(series([0.1, 0.7, 0.4])),
      tensor({ shape: [1, 2], data: Float64Array.of(0.5, 0.2) }),
    );
    expect(energyAt(joint)).toBeCloseTo(energyAt(prior.energy(tensor(series([0.1, 0.7, 0.4, 0.5, 0.2])))), 10);
  });
  test("leave the columns that are not forecast to themselves", () => {
    const prior = process({ ...covariance, mean: [0.4, 0.6] });
    const target = tensor({ shape: [1, 1], data: Float64Array.of(0.2) });
    const both = prior.jointEnergy(tensor(series([0.1, 0.9, 0.7, 0.8], 2)), target);
    const first = energyAt(process({ ...covariance, mean: 0.4 }).energy(tensor(series([0.1, 0.7, 0.2]))));
    const second = energyAt(process({ ...covariance, mean: 0.6 }).energy(tensor(series([0.9, 0.8]))));
    expect(energyAt(both)).toBeCloseTo(first + second, 10);
  });
});

test("draws have innovations whose quartiles are those of Student's distribution", () => {
  const prior = studentProcess({ ...covariance, degrees: 3, scale: 0.5 });
  const [draws, steps] = [600, 10];
  const { data } = prior.sample([draws, steps, 1], rng("draws"));
  const rows = priorRows(gaussianProcess(covariance), steps);
  const sizes: number[] = [];
  for (let b = 0; b < draws; b++) {
    for (let t = 0; t < steps; t++) {
      let z = 0;
      for (let u = 0; u <= t; u++) z += rows.data[t * steps + u]! * (data[b * steps + u]! - 0.5);
      sizes.push(Math.abs(z));
    }
  }
  sizes.sort((a, b) => a - b);
  // Half of all values of t with three degrees of freedom lie within ±.7649, 95 % within ±3.182.
  expect(sizes[sizes.length / 2]! / 0.5).toBeCloseTo(0.7649, 1);
  expect(Math.abs(sizes[Math.round(0.95 * sizes.length)]! / (0.5 * 3.182) - 1)).toBeLessThan(0.15);
});

describe("fitTails", () => {
  const process = gaussianProcess(covariance);
  const windowsOf = (prior: { sample: typeof process.sample }, name: string): NdArray[] => {
    const { data } = prior.sample([40, 40, 1], rng(name));
    return Array.from({ length: 40 }, (_, b) => ({ shape: [40], data: data.slice(b * 40, (b + 1) * 40) }));
  };
  test("finds the degrees and the scale of draws", () => {
    const found = fitTails(process, windowsOf(studentProcess({ ...covariance, degrees: 3, scale: 0.5 }), "heavy"));
    expect([2, 3, 4]).toContain(found.degrees);
    expect(found.scale).toBeCloseTo(0.5, 1);
    expect(found.gain).toBeGreaterThan(0.1);
  });
  test("and that normal innovations have no tails", () => {
    const found: TailsFit = fitTails(process, windowsOf(process, "normal"));
    expect(found.degrees).toBeGreaterThan(10);
    expect(Math.abs(found.gain)).toBeLessThan(0.01);
  });
});

test.each([
  [{ degrees: 0 }, "degrees"],
  [{ degrees: 2.5 }, "degrees"],
  [{ scale: 0 }, "scale"],
  [{ fitted_to: "tides" as never }, "fitted_to"],
  [{ cycle: 1 }, "period"],
])("bad options are named: %j", (options, name) => {
  expect(() => studentProcess(options)).toThrow(
    expect.objectContaining({ code: "bad-option", message: expect.stringContaining(name) }),
  );
});
