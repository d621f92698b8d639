import { rng } from "@recon/core";
import {
  type Arrays,
  grad,
  graph,
  input,
  interpret,
  mean,
  onnxruntime,
  square,
  sub,
  sum,
  type Tensors,
} from "@recon/engine";
import { expect, test } from "vitest";
import { photographs } from "../data/photographs.ts";
import { imageDomain } from "../domain.ts";
import { psnr } from "../metrics/psnr.ts";
import { type DeepImagePriorOptions, deepImagePrior } from "./deep-image-prior.ts";

const symbols = (values: Arrays): Tensors =>
  Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, input(name, shape)]));

const decode = (options: DeepImagePriorOptions, shape: readonly number[], seed = 1): Float64Array => {
  const prior = deepImagePrior(options);
  const start = prior.init(shape, rng(seed));
  const latent = symbols(start);
  return interpret(graph(latent, { x: prior.decode(latent, shape) }), start).x!.data;
};

test("makes images of any size inside the box, before any training", () => {
  for (const shape of [
    [1, 3, 8, 8],
    [2, 1, 7, 10],
    [1, 2, 4, 5],
  ] as const) {
    const domain = imageDomain({ channels: shape[1], height: shape[2], width: shape[3] });
    const x = decode({ width: 4, noiseChannels: 2 }, shape);
    const plane = shape[2] * shape[3];
    expect(x.length).toBe(shape[0] * shape[1] * plane);
    x.forEach((value, i) => {
      const c = Math.floor(i / plane) % shape[1];
      expect(value).toBeGreaterThan(domain.lower.data[c]!);
      expect(value).toBeLessThan(domain.upper.data[c]!);
    });
  }
});

test("items of a batch differ, and the first is the same alone", () => {
  const two = decode({ width: 4 }, [2, 1, 8, 8]);
  const one = decode({ width: 4 }, [1, 1, 8, 8]);
  expect(Array.from(two.subarray(0, 64))).toEqual(Array.from(one));
  expect(Array.from(two.subarray(64))).not.toEqual(Array.from(one));
  expect(Array.from(decode({ width: 4 }, [1, 1, 8, 8], 2))).not.toEqual(Array.from(one));
  expect(Array.from(decode({ width: 4, seed: 5 }, [1, 1, 8, 8]))).not.toEqual(Array.from(one));
});

test("the derivative in the weights agrees with finite differences", () => {
  const shape = [1, 2, 6, 4];
  const prior = deepImagePrior({ width: 3, noiseChannels: 2, depth: 1 });
  const start = prior.init(shape, rng(4));
  const latent = symbols(start);
  const energy = sum(square(prior.decode(latent, shape)));
  const names = Object.keys(start);
  const gradients = grad(
    energy,
    names.map((name) => latent[name]!),
  );
  const exact = interpret(graph(latent, Object.fromEntries(names.map((name, i) => [name, gradients[i]!]))), start);
  const value = graph(latent, { energy });
  const h = 1e-6;
  for (const name of names) {
    const stream = rng(name);
    const along = Float64Array.from(start[name]!.data, () => stream.normal());
    const at = (step: number): number => {
      const data = Float64Array.from(start[name]!.data, (v, i) => v + step * along[i]!);
      return interpret(value, { ...start, [name]: { shape: start[name]!.shape, data } }).energy!.data[0]!;
    };
    const numeric = (at(h) - at(-h)) / (2 * h);
    const analytic = exact[name]!.data.reduce((total, g, i) => total + g * along[i]!, 0);
    expect(Math.abs(numeric - analytic)).toBeLessThan(1e-6 * Math.abs(analytic) + 1e-8);
  }
});

test("can become a real photograph", async () => {
  const shape = [1, 3, 16, 16];
  const source = photographs({ size: 16 });
  const truth = (await (await source.open()).item(4)).input;
  const prior = deepImagePrior({ width: 16 });
  const start = prior.init(shape, rng(0));
  const latent = symbols(start);
  const x = prior.decode(latent, shape);
  const wanted = input("wanted", shape);
  const energy = mean(square(sub(x, wanted)));
  const names = Object.keys(start);
  const gradients = grad(
    energy,
    names.map((name) => latent[name]!),
  );
  const outputs = { x, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) };
  const executor = onnxruntime();
  const program = await executor.compile(graph({ ...latent, wanted }, outputs));
  try {
    // Adam, written out.
    const point = Object.fromEntries(
      names.map((name) => [name, { shape: start[name]!.shape, data: Float64Array.from(start[name]!.data) }]),
    );
    const moments = names.map(
      (name) => [new Float64Array(point[name]!.data.length), new Float64Array(point[name]!.data.length)] as const,
    );
    let image: Float64Array = source.domain.pixels(truth).map(() => 0);
    const score = (): number => psnr(image, source.domain.pixels(truth));
    const scores: number[] = [];
    for (let step = 1; step <= 100; step++) {
      const result = await program.run({ ...point, wanted: { shape, data: truth.data } });
      image = source.domain.pixels(result.x!);
      scores.push(score());
      names.forEach((name, k) => {
        const [m, v] = moments[k]!;
        const { data } = point[name]!;
        result[`d ${name}`]!.data.forEach((g, i) => {
          m[i] = 0.9 * m[i]! + 0.1 * g;
          v[i] = 0.999 * v[i]! + 0.001 * g * g;
          data[i]! -= (0.005 * (m[i]! / (1 - 0.9 ** step))) / (Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8);
        });
      });
    }
    expect(scores[0]).toBeLessThan(15);
    expect(scores.at(-1)).toBeGreaterThan(35);
  } finally {
    await program.dispose();
    await executor.dispose();
  }
});

test("what does not fit is said", () => {
  expect(() => deepImagePrior({ widht: 3 } as object)).toThrow('no option "widht"');
  expect(() => deepImagePrior({ depth: -1 })).toThrow('"depth"');
  expect(() => deepImagePrior().init([3, 8, 8], rng(0))).toThrow(expect.objectContaining({ code: "shape" }));
  expect(() =>
    deepImagePrior({ mean: [0.5] }).decode(symbols(deepImagePrior().init([1, 3, 8, 8], rng(0))), [1, 3, 8, 8]),
  ).toThrow('"mean"');
});
