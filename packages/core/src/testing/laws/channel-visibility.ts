import { demand } from "../law.ts";
import { type ChannelLaw, channelOf, drawClean } from "./channel-case.ts";

/** Of masks. */
export const visible: ChannelLaw = {
  name: "a mask it says is visible is: exactly the entries the mask drops are zero",
  check: async (make, options, rng) => {
    const channel = channelOf(make());
    const seen = channel.apply(drawClean(options, rng), rng.split("noise"));
    for (const [flag, value] of Object.entries(channel.visible?.(seen) ?? {})) {
      const name = flag.startsWith("mask ") ? flag.slice("mask ".length) : undefined;
      if (name === undefined || typeof value !== "object" || value === null || !("data" in value)) continue;
      const mask = value.data as Float64Array;
      const entries = seen[name]?.data;
      demand(entries !== undefined && entries.length === mask.length, `The visible mask "${flag}" fits no tensor.`);
      demand(
        mask.every((kept, i) => (kept === 0) === (entries![i] === 0)),
        `The visible mask "${flag}" is not where "${name}" is zero.`,
      );
    }
  },
};

/** Of bounds. */
export const preimage: ChannelLaw = {
  name: "the clean observation lies within what the channel says of its input",
  check: async (make, options, rng) => {
    const clean = drawClean(options, rng);
    const single = Object.fromEntries(
      Object.entries(clean).map(([name, a]) => [name, { ...a, data: Float32Array.from(a.data) }]),
    );
    for (const input of [clean, single]) {
      const channel = channelOf(make());
      const seen = channel.apply(input, rng.split("noise"));
      const bounds = channel.preimage?.({ lower: seen, upper: seen });
      if (bounds === undefined) return;
      for (const [name, { data }] of Object.entries(input)) {
        const [lower, upper] = [bounds.lower[name]!.data, bounds.upper[name]!.data];
        const slack = 1e-6 * Math.max(...Array.from(data, Math.abs));
        demand(
          data.every((v, i) => lower[i]! <= v + slack && v <= upper[i]! + slack),
          `An entry of "${name}" lies outside of its bounds.`,
        );
      }
    }
  },
};
