import type { NdArray } from "@recon/engine";
import type { Signal } from "./signal.ts";

/** Channels that must agree on a step, and how many times as many as agree on anything else. */
const fewest = 4;
const lead = 2;
/** Distance, in standard deviations, at which two channels agree. */
const agreement = 20;

/**
 * One column that entered a block, from the block's output at the same steps: out_o = relu(r_o + s_o x + b_o), r_o ≥ 0.
 *
 * Where the inner branch of a channel is off, x = (out_o − b_o) / s_o, and all such channels say the same number; of the others each says its own.
 *
 * @param stds standard deviation of every step of the output.
 * @returns undefined for several columns, or where on some step too few channels agree.
 */
export function agreedInput(
  output: Signal,
  stds: Float64Array,
  weight: NdArray,
  bias: NdArray,
  rounding: number,
): { readonly value: Signal; readonly stds: Float64Array } | undefined {
  if (weight.shape[1] !== 1) return undefined;
  const n = output.steps.length;
  const value = new Float64Array(n);
  const deviations = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const said: Vote[] = [];
    for (let o = 0; o < output.channels; o++) {
      const out = output.data[o * n + i]!;
      const [slope, shift] = [weight.data[o]!, bias.data[o]!];
      if (slope === 0 || !(out > agreement * stds[i]!)) continue;
      const std = (stds[i]! + rounding * (Math.abs(out) + Math.abs(shift))) / Math.abs(slope);
      said.push({ value: (out - shift) / slope, std });
    }
    const agreed = largestAgreement(said);
    if (agreed === undefined) return undefined;
    value[i] = agreed.value;
    deviations[i] = agreed.std;
  }
  return { value: { channels: 1, steps: output.steps, data: value }, stds: deviations };
}

interface Vote {
  readonly value: number;
  readonly std: number;
}

/** What the largest group of votes says, by the surest of them; undefined where it is small, or another is nearly as large. */
function largestAgreement(votes: readonly Vote[]): Vote | undefined {
  const groupOf = (vote: Vote): Vote[] =>
    votes.filter(
      (other) => Math.abs(other.value - vote.value) <= agreement * Math.min(other.std + vote.std, 4 * vote.std),
    );
  const groups = votes.map(groupOf);
  const best = groups.reduce<Vote[]>((most, group) => (group.length > most.length ? group : most), []);
  if (best.length < fewest) return undefined;
  const others = groups.filter((_, i) => !best.includes(votes[i]!)).map((group) => group.length);
  if (best.length < lead * Math.max(0, ...others)) return undefined;
  return best.reduce((surest, vote) => (vote.std < surest.std ? vote : surest));
}
