import { ReconError } from "../../errors.ts";
import type { Channel, Defence, VictimSide } from "../../problem.ts";
import { refuseOtherOptions } from "../options.ts";

/**
 * A defence that sets a share of entries to zero and chooses them by the data that it protects. The attacker sees them as exact zeros.
 *
 * @param applyFor what the victim applies once the defence has seen its data.
 * @throws ReconError `bad-option` unless the only option is a rate from 0 to below 1.
 */
export function fittedRemoval(
  name: string,
  options: { readonly rate: number },
  applyFor: (victim: VictimSide, rate: number) => Promise<Channel["apply"]>,
): Defence {
  refuseOtherOptions(name, options, ["rate"]);
  const { rate } = options;
  if (!(typeof rate === "number" && rate >= 0 && rate < 1)) {
    throw new ReconError(
      "bad-option",
      `Option "rate" of defence "${name}" must be a number from 0 to below 1, not ${String(rate)}.`,
    );
  }
  const told: Channel = {
    apply: (clean) => clean,
    known: (clean) => clean,
    noiseStd: () => 0,
    visible: () => (rate > 0 ? { mask: true } : {}),
  };
  return {
    name,
    options: { rate },
    channel: told,
    fit: async (victim): Promise<Channel> => ({ ...told, apply: await applyFor(victim, rate) }),
  };
}
