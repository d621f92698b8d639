import type { BenchCase } from "@recon/bench";
import { diffusionPosteriorSampling, ggl, gias, type Rng } from "@recon/core";
import { digitsDenoiser, digitsGenerator, split } from "@recon/prior-digits";
import { auditPhotographs, photosDenoiser, trainingPhotographs } from "@recon/prior-photos";
import { digits, mlp, photographList, photographs } from "@recon/vision";
import { priorNoiseCase } from "./prior-noise-comparison.ts";
import { otherAttackCase, priorOnlyCase } from "./prior-noise-controls.ts";
import type { NoisyVictim } from "./prior-noise-problems.ts";

const batch = 4;

/** Digits in a row: their labels are in a row too, hence different. */
const inARow =
  ([first, end]: readonly [number, number]) =>
  (rng: Rng): readonly number[] => {
    const start = first + rng.integer(end - first - batch + 1);
    return Array.from({ length: batch }, (_, i) => start + i);
  };

/** Softmax regression on four digits at a time, which no prior has seen. */
function digitsVictim(): NoisyVictim {
  return {
    source: digits(),
    model: mlp({ sizes: [784, 10] }, { input: [1, 28, 28], classes: 10 }),
    batch,
    draw: { tuning: inARow(split.tuning), audit: inARow(split.audit) },
  };
}

/** How many crops of every photograph there are to draw from. */
const crops = 100;

const names = photographList.map(({ name }) => name);
const count = crops * names.length;

/** A crop of each of three photographs: their labels are the photographs, hence different. */
const oneOfEach = (chosen: readonly string[]) => (rng: Rng) =>
  chosen.slice(0, 3).map((name) => names.length * rng.integer(crops) + names.indexOf(name));
const cropsOfEach = { tuning: oneOfEach(trainingPhotographs), audit: oneOfEach(auditPhotographs) };

/** Softmax regression on three crops at a time, of photographs that the prior has not seen. */
function photosVictim(): NoisyVictim {
  return {
    source: photographs({ size: 32, count }),
    model: mlp({ sizes: [3072, 10] }, { input: [3, 32, 32], classes: 10 }),
    batch: 3,
    draw: cropsOfEach,
  };
}

/** The same for what a prior of digits knows nothing of. */
function greyPhotosVictim(): NoisyVictim {
  return {
    source: photographs({ size: 28, channels: 1, count }),
    model: mlp({ sizes: [784, 10] }, { input: [1, 28, 28], classes: 10 }),
    batch: 3,
    draw: cropsOfEach,
  };
}

/** What learned priors gain where noise hides the data. */
export const priorNoiseCases: readonly BenchCase[] = [
  priorNoiseCase({
    id: "prior-digits-noise",
    victim: digitsVictim,
    prior: () => digitsDenoiser(),
    targets: { psnr_gain_db: ">=2" },
  }),
  priorOnlyCase({ id: "prior-digits-noise/prior-only", victim: digitsVictim, prior: () => digitsDenoiser() }),
  otherAttackCase({
    id: "prior-digits-noise/dps",
    victim: digitsVictim,
    attack: () => diffusionPosteriorSampling({}, [digitsDenoiser()]),
  }),
  otherAttackCase({
    id: "prior-digits-noise/gias",
    victim: digitsVictim,
    attack: () => gias({}, [digitsGenerator()]),
  }),
  otherAttackCase({
    id: "prior-digits-noise/ggl",
    victim: digitsVictim,
    attack: () => ggl({}, [digitsGenerator()]),
  }),
  priorNoiseCase({
    id: "prior-digits-noise/out-of-distribution",
    victim: greyPhotosVictim,
    prior: () => digitsDenoiser(),
    targets: {},
  }),
  priorNoiseCase({
    id: "prior-photos-noise",
    victim: photosVictim,
    prior: () => photosDenoiser(),
    targets: { psnr_gain_db: ">=1" },
  }),
  priorOnlyCase({ id: "prior-photos-noise/prior-only", victim: photosVictim, prior: () => photosDenoiser() }),
];
