import {
  type Arrays,
  constant,
  dot,
  grad,
  graph,
  input,
  interpret,
  type Shape,
  scalar,
  type Tensors,
} from "@recon/engine";
import { itemOf } from "../../arrays.ts";
import type { DenoiserPrior } from "../../problem.ts";
import { demandDerivative } from "../derivative.ts";
import { drawNormal } from "../draw.ts";
import { demandNothingFromNothing } from "../empty-batch.ts";
import { evaluateTensors, relativeDifference } from "../evaluate.ts";
import { demand } from "../law.ts";
import { copyArrays, demandEqual, demandFinite, demandJson } from "../snapshot.ts";
import { batchShapes, drawUnknown, type PriorCheck, withBatch } from "./prior-law.ts";

type DenoiserCheck = PriorCheck<DenoiserPrior>;

/** Both ends of the range and the geometric middle. */
function sigmas({ sigmaRange: [least, greatest] }: DenoiserPrior): readonly number[] {
  return [least, Math.sqrt(least * greatest), greatest];
}

/** D(y, σ), with one σ or one an item. */
function denoised(prior: DenoiserPrior, y: Arrays, sigma: number | readonly number[]): Arrays {
  const level = typeof sigma === "number" ? scalar(sigma) : constant(Float64Array.from(sigma), [sigma.length]);
  return evaluateTensors((t) => ({ x: prior.denoise(t.x!, level) }), y);
}

/** Of the range of σ and of what comes back. */
export const shapes: DenoiserCheck = (prior, options, rng) => {
  const [least, greatest] = prior.sigmaRange;
  demand(least > 0 && greatest >= least && Number.isFinite(greatest), `Its range of σ is [${least}, ${greatest}].`);
  for (const shape of batchShapes(options)) {
    const y = drawUnknown({ ...options, shape }, rng);
    for (const sigma of sigmas(prior)) {
      const before = copyArrays(y);
      const out = denoised(prior, y, sigma);
      demand(out.x!.shape.join() === shape.join(), `It makes [${out.x!.shape}] of [${shape}].`);
      demandFinite(out, `What it makes at σ = ${sigma}`);
      demandEqual(y, before, "The denoiser changed what it was given");
      const each = denoised(prior, y, new Array<number>(shape[0]!).fill(sigma));
      demand(
        relativeDifference(out, each) < 1e-9,
        "One σ for all items and the same σ for each give different results.",
      );
    }
  }
};

/** ⟨c, D(y, σ)⟩ along y. */
export const derivative: DenoiserCheck = (prior, options, rng) => {
  const weights = drawNormal(options.shape, rng.split("cotangent"));
  const sigma = sigmas(prior)[rng.integer(3)]!;
  const paired = (t: Tensors) => dot(prior.denoise(t.x!, scalar(sigma)), constant(weights.data, weights.shape));
  demandDerivative(paired, drawUnknown(options, rng), rng, { tolerance: options.tolerance ?? 1e-6 });
};

/** Twice, and of two that were made alike. */
export const deterministic: DenoiserCheck = (prior, options, rng, make) => {
  const y = drawUnknown(options, rng);
  const sigma = sigmas(prior)[1]!;
  const first = denoised(prior, y, sigma);
  demandEqual(first, denoised(prior, y, sigma), "The same denoiser twice is not the same");
  const again = make();
  demand(
    again.kind === "denoiser" && relativeDifference(first, denoised(again, y, sigma)) === 0,
    "Two equal denoisers differ.",
  );
  demandJson(prior.options, `The prior ${prior.name}`);
};

/** Of no item. */
export const empty: DenoiserCheck = (prior, options) => {
  const y = { x: { shape: withBatch(options.shape, 0), data: new Float64Array(0) } };
  demandNothingFromNothing(() => denoised(prior, y, sigmas(prior)[1]!));
};

/** An item alone and in its batch. */
export const itemwise: DenoiserCheck = (prior, options, rng) => {
  const shape: Shape = withBatch(options.shape, Math.max(2, options.shape[0] ?? 2));
  const y = drawUnknown({ ...options, shape }, rng);
  const sigma = sigmas(prior)[1]!;
  const whole = denoised(prior, y, sigma).x!;
  for (let i = 0; i < shape[0]!; i++) {
    const item = { ...itemOf(y.x!, i), shape: withBatch(shape, 1) };
    const alone = denoised(prior, { x: item }, sigma);
    const row = { x: { ...itemOf(whole, i), shape: withBatch(shape, 1) } };
    const difference = relativeDifference(alone, row);
    demand(difference < 1e-9, `Item ${i} alone gives something else than in its batch: ${difference}.`);
  }
};

/** ⟨(D(y, σ) − y) / σ², ∇ log p_σ(y)⟩ > 0, at the angle that an exact denoiser has: none. */
export const score: DenoiserCheck = (prior, options, rng) => {
  if (options.smoothed === undefined) return;
  const y = drawUnknown(options, rng);
  for (const sigma of sigmas(prior)) {
    const symbol = input("x", options.shape);
    const [down] = grad(options.smoothed(symbol, sigma), [symbol]);
    const slope = interpret(graph({ x: symbol }, { down: down! }), y).down!.data;
    const out = denoised(prior, y, sigma).x!.data;
    let [along, mine, true_] = [0, 0, 0];
    for (let i = 0; i < out.length; i++) {
      const step = out[i]! - y.x!.data[i]!;
      along -= step * slope[i]!;
      mine += step * step;
      true_ += slope[i]! * slope[i]!;
    }
    const cosine = along / Math.sqrt(mine * true_);
    demand(cosine > 0.5, `At σ = ${sigma} the cosine between its score and the slope of log p is ${cosine}.`);
  }
};
