import { type Arrays, add, constant, dot, type Tensor, type Tensors } from "@recon/engine";
import type { Defence } from "../../problem.ts";
import { rng as streamOf } from "../../random.ts";
import { demandDerivative } from "../derivative.ts";
import { drawLike } from "../draw.ts";
import { evaluateScalar, evaluateTensors, relativeDifference } from "../evaluate.ts";
import { demand, demandClose } from "../law.ts";
import { copyArrays, demandEqual, demandFinite, demandJson } from "../snapshot.ts";
import { type ChannelLaw, channelOf, drawClean, shapes } from "./channel-case.ts";
import { preimage, visible } from "./channel-visibility.ts";

const shape: ChannelLaw = {
  name: "keeps names, shapes and finiteness, and float32 as float32",
  check: async (make, options, rng) => {
    const clean = drawClean(options, rng);
    const single = Object.fromEntries(
      Object.entries(clean).map(([name, a]) => [name, { ...a, data: Float32Array.from(a.data) }]),
    );
    for (const input of [clean, single]) {
      const seen = channelOf(make()).apply(input, rng.split("noise"));
      demandFinite(seen, "The channel's output");
      demand(Object.keys(seen).join() === Object.keys(input).join(), "The channel changes names or their order.");
      for (const [name, { shape, data }] of Object.entries(input)) {
        const out = seen[name]!;
        demand(
          out.shape.join() === shape.join() && out.data.length === data.length,
          `The channel changes the shape of "${name}".`,
        );
        demand(out.data.constructor === data.constructor, `The channel changes the precision of "${name}".`);
      }
    }
  },
};

const separate: ChannelLaw = {
  name: "neither changes the clean observation nor shares memory with it",
  check: async (make, options, rng) => {
    const clean = drawClean(options, rng);
    const before = copyArrays(clean);
    const seen = channelOf(make()).apply(clean, rng.split("noise"));
    demandEqual(clean, before, "The channel changed the clean observation");
    for (const { data } of Object.values(seen)) data.fill(7);
    demandEqual(clean, before, "The channel's output shares memory with the clean observation");
  },
};

const seeded: ChannelLaw = {
  name: "deterministic under the seed; without noise, under any seed but for what is visible",
  check: async (make, options, rng) => {
    const clean = drawClean(options, rng);
    const apply = (defence: Defence, seed: number): Arrays => channelOf(defence).apply(clean, streamOf(seed));
    const seed = rng.integer(1e6);
    const first = apply(make(), seed);
    demandEqual(first, apply(make(), seed), "Equal seeds give different outputs");
    const defence = make();
    apply(defence, seed + 1);
    demandEqual(first, apply(defence, seed), "An earlier use changes a later output");
    const other = apply(make(), seed + 1);
    const channel = channelOf(make());
    const noisy = channel.noiseStd(first) > 0;
    const same = relativeDifference(first, other) === 0;
    const shown = (seen: Arrays): string =>
      JSON.stringify(channel.visible?.(seen) ?? {}, (_key, value) =>
        ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
      );
    demand(
      noisy !== same || (!noisy && shown(first) !== shown(other)),
      noisy ? "It says it is noisy, and two seeds give the same." : "It says it has no noise, and two seeds differ.",
    );
    demandJson(make().options, `The defence ${make().name}`);
  },
};

const identity: ChannelLaw = {
  name: "at zero strength it is the identity",
  check: async (_make, options, rng) => {
    if (options.zero === undefined) return;
    const clean = drawClean(options, rng);
    const channel = channelOf(options.zero());
    demandEqual(
      channel.apply(clean, rng.split("noise")),
      clean,
      "At zero strength the channel changes the observation",
    );
    const known = evaluateTensors((x) => channel.known(x), clean);
    demand(relativeDifference(known, clean) < 1e-12, "At zero strength the known part changes a candidate.");
    demand(channel.noiseStd(clean) === 0, "At zero strength it says that it adds noise.");
  },
};

const known: ChannelLaw = {
  name: "the known part is what the channel does, and the stated noise is what it adds",
  check: async (make, options, rng) => {
    const clean = drawClean(options, rng);
    const channel = channelOf(make());
    const first = channel.apply(clean, rng.split("first"));
    const expected = evaluateTensors((x) => channel.known(x, first), clean);
    if (channel.noiseStd(first) === 0) {
      const difference = relativeDifference(expected, first);
      demand(difference < 1e-12, `The known part differs from what the channel does by ${difference}.`);
      return;
    }
    let count = 0;
    let sum = 0;
    let squares = 0;
    let std = 0;
    const repeats = 200;
    for (let k = 0; k < repeats; k++) {
      const seen = channel.apply(clean, rng.split(`draw ${k}`));
      std += channel.noiseStd(seen) / repeats;
      for (const [name, { data }] of Object.entries(expected)) {
        data.forEach((value, i) => {
          const error = seen[name]!.data[i]! - value;
          count++;
          sum += error;
          squares += error * error;
        });
      }
    }
    const measured = Math.sqrt(squares / count);
    demand(
      Math.abs(sum / count) < (6 * measured) / Math.sqrt(count),
      `The noise has mean ${sum / count} about the known part.`,
    );
    demandClose(
      measured,
      std,
      options.noiseAccuracy ?? 0.1,
      0,
      "The measured and the stated standard deviation of the noise",
    );
  },
};

const likelihood: ChannelLaw = {
  name: "a proper likelihood integrates to the same for every clean value, with the stated noise",
  check: async (make, _options, rng) => {
    const channel = channelOf(make());
    const at = (value: number): Arrays => ({ entry: { shape: [1], data: Float64Array.of(value) } });
    const seen = at(1);
    const stated = channel.likelihood?.(seen);
    if (stated === undefined) {
      demand(
        channel.noiseStd(seen) === 0 || channel.likelihood === undefined,
        "It has noise and hides its likelihood.",
      );
      return;
    }
    const std = channel.noiseStd(seen);
    const moments = (clean: number): { mass: number; variance: number } => {
      let mass = 0;
      let variance = 0;
      const centre = evaluateTensors((x) => channel.known(x), at(clean)).entry!.data[0]!;
      const width = 10 * std;
      const points = 400;
      for (let i = 0; i <= points; i++) {
        const y = centre - width + (2 * width * i) / points;
        const f = (x: Tensors): Tensor => stated.negativeLog({ entry: x.clean! }, { entry: x.seen! });
        const density = Math.exp(-evaluateScalar(f, { clean: at(clean).entry!, seen: at(y).entry! }));
        mass += (density * 2 * width) / points;
        variance += (density * (y - centre) ** 2 * 2 * width) / points;
      }
      return { mass, variance: variance / mass };
    };
    if (!stated.proper) return;
    const [a, b] = [moments(0), moments(rng.normal())];
    demand(a.mass > 0 && Number.isFinite(a.mass), `The density integrates to ${a.mass}.`);
    demandClose(a.mass, b.mass, 1e-6, 0, "The integrals of the density for two clean values");
    demandClose(Math.sqrt(a.variance), std, 0.01, 0, "The standard deviation of the density and of the noise");
  },
};

const best: ChannelLaw = {
  name: "the likelihood is best at what was observed",
  check: async (make, options, rng) => {
    const channel = channelOf(make());
    const seen = channel.apply(drawClean(options, rng), rng.split("noise"));
    const stated = channel.likelihood?.(seen);
    if (stated === undefined) return;
    const fixed = Object.fromEntries(Object.entries(seen).map(([name, a]) => [name, constant(a.data, a.shape)]));
    const at = (candidate: Arrays): number => evaluateScalar((x) => stated.negativeLog(x, fixed), candidate);
    // Where the known part changes what was observed, no candidate looks exactly like it and there is nothing to compare.
    if (
      relativeDifference(
        evaluateTensors((x) => channel.known(x, seen), seen),
        seen,
      ) > 1e-12
    )
      return;
    const there = at(seen);
    if (options.centred === false) {
      const mirrored = Object.fromEntries(
        Object.entries(seen).map(([name, a]) => [name, { ...a, data: Float64Array.from(a.data, (v) => -v) }]),
      );
      demand(at(mirrored) > there, "The observation's mirror image is as likely as the observation itself.");
      return;
    }
    for (let trial = 0; trial < 3; trial++) {
      const away = drawLike(seen, rng.split(`away ${trial}`));
      const moved = Object.fromEntries(
        Object.entries(seen).map(([name, a]) => [
          name,
          { ...a, data: Float64Array.from(a.data, (v, i) => v + 0.1 * away[name]!.data[i]!) },
        ]),
      );
      demand(at(moved) > there, "A candidate away from the observation is as likely as one on it.");
    }
  },
};

const derivative: ChannelLaw = {
  name: "the known part's derivative agrees with finite differences",
  check: async (make, options, rng) => {
    if (options.smooth === false) return;
    const weights = drawLike(shapes, rng.split("cotangent"));
    const channel = channelOf(make());
    const paired = (x: Tensors): Tensor =>
      Object.entries(channel.known(x))
        .map(([name, y]) => dot(y, constant(weights[name]!.data, y.shape)))
        .reduce((a, b) => add(a, b));
    demandDerivative(paired, drawClean(options, rng), rng);
  },
};

/** What must hold of every defence that acts as a channel. */
export const channelLaws: readonly ChannelLaw[] = [
  shape,
  separate,
  seeded,
  identity,
  known,
  likelihood,
  best,
  derivative,
  visible,
  preimage,
];
