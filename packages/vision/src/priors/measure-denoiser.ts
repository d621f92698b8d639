import {
  chain,
  compileDenoiser,
  cosineDecay,
  type DenoiserPrior,
  descent,
  finish,
  rng,
  scale,
  scaleByAdam,
} from "@recon/core";
import {
  type Arrays,
  add,
  type Executor,
  grad,
  graph,
  input,
  mul,
  type NdArray,
  square,
  sub,
  sum,
} from "@recon/engine";
import type { ImageDomain } from "../domain.ts";
import { psnr } from "../metrics/psnr.ts";
import { totalVariation } from "./total-variation.ts";

export interface MeasureDenoiserOptions {
  readonly prior: DenoiserPrior;
  readonly domain: ImageDomain;
  /** Normalised images of the domain: some to choose the weight of total variation on, others to measure on. */
  readonly tuning: readonly NdArray[];
  readonly audit: readonly NdArray[];
  /** Of pixels on [0, 1]. */
  readonly sigma: number;
  readonly executor: Executor;
}

/** Mean PSNR in dB over the images that were measured on. */
export interface DenoiserMeasurement {
  readonly sigma: number;
  readonly noisy: number;
  readonly totalVariation: number;
  readonly denoiser: number;
}

const [weights, steps] = [[0.25, 0.5, 1, 2, 4, 8, 16, 32], 200];

/** How well a denoiser takes white noise away, beside total variation at the weight and of the form that is best on other images. */
export async function measureDenoiser(options: MeasureDenoiserOptions): Promise<DenoiserMeasurement> {
  const { prior, domain, tuning, audit, sigma, executor } = options;
  const unit = domain.normalisation.std.reduce((total, std) => total + std / domain.normalisation.std.length, 0);
  const level = sigma / unit;
  const shape = [1, ...domain.shape];
  const noisyOf = (images: readonly NdArray[], name: string): readonly NdArray[] =>
    images.map(({ data }, i) => {
      const stream = rng("measure denoiser").split(`${name} ${sigma} ${i}`);
      return { shape, data: Float64Array.from(data, (value) => value + level * stream.normal()) };
    });
  const score = (estimate: NdArray, truth: NdArray): number => psnr(domain.pixels(estimate), domain.pixels(truth));
  const mean = (scores: readonly number[]): number => scores.reduce((total, value) => total + value / scores.length, 0);
  const kinds = [1, 2].flatMap((p) => (shape[1] === 3 ? [false, true] : [false]).map((colour) => ({ p, colour })));
  const forms = await Promise.all(kinds.map((kind) => compileVariation(shape, kind, executor)));
  const scoresOf = async (form: Variation, weight: number, noisy: readonly NdArray[], truth: readonly NdArray[]) => {
    const scores: number[] = [];
    for (const [i, y] of noisy.entries()) scores.push(score(await form.denoise(y, level, weight), truth[i]!));
    return mean(scores);
  };
  let best = { form: forms[0]!, weight: 1, score: Number.NEGATIVE_INFINITY };
  const other = noisyOf(tuning, "tuning");
  for (const form of forms) {
    for (const weight of weights) {
      const reached = await scoresOf(form, weight, other, tuning);
      if (reached > best.score) best = { form, weight, score: reached };
    }
  }
  const noisy = noisyOf(audit, "audit");
  const compiled = await compileDenoiser(prior, shape, executor);
  const scores: number[] = [];
  for (const [i, y] of noisy.entries()) scores.push(score(await compiled.denoise(y, level), audit[i]!));
  const result = {
    sigma,
    noisy: mean(noisy.map((y, i) => score(y, audit[i]!))),
    totalVariation: await scoresOf(best.form, best.weight, noisy, audit),
    denoiser: mean(scores),
  };
  await Promise.all([compiled.dispose(), ...forms.map((form) => form.dispose())]);
  return result;
}

interface Variation {
  denoise(y: NdArray, sigma: number, weight: number): Promise<NdArray>;
  dispose(): Promise<void>;
}

/** argmin ‖x − y‖² / 2σ² + w Σ |∇x| by Adam, in nats as a prior has it. */
async function compileVariation(
  shape: readonly number[],
  { p, colour }: { readonly p: number; readonly colour: boolean },
  executor: Executor,
): Promise<Variation> {
  const [x, y, precision, weight] = [input("x", shape), input("y", shape), input("precision", []), input("weight", [])];
  const entries = shape.reduce((total, extent) => total * extent, 1);
  const variation = totalVariation({ weight: entries, p, q: 1 / p, colour }).energy(x);
  const value = add(mul(mul(sum(square(sub(x, y))), 0.5), precision), mul(variation, weight));
  const program = await executor.compile(graph({ x, y, precision, weight }, { value, slope: grad(value, [x])[0]! }));
  const scalar = (number: number): NdArray => ({ shape: [], data: Float64Array.of(number) });
  return {
    denoise: async (noisy, sigma, w) => {
      const fixed: Arrays = { y: noisy, precision: scalar(1 / sigma ** 2), weight: scalar(w) };
      const solver = descent({ update: chain(scaleByAdam(), scale(cosineDecay({ rate: 0.05 }))) });
      const events = solver.minimise({
        start: { x: noisy },
        evaluations: steps,
        objective: async (point) => {
          const out = await program.run({ ...fixed, x: point.x! });
          return { value: out.value!.data[0]!, gradient: { x: out.slope! } };
        },
      });
      return (await finish(events)).x.x!;
    },
    dispose: () => program.dispose(),
  };
}
