import type { Defence } from "../problem.ts";
import { channelLaws } from "./laws/channel.ts";
import type { ChannelLawOptions } from "./laws/channel-case.ts";
import { register } from "./register.ts";

/** Registers the laws of channels as tests: identity at zero strength, known part, stated noise, likelihood, determinism. */
export function testChannel(make: () => Defence, options: ChannelLawOptions = {}): void {
  register(`laws of the channel ${make().name} ${JSON.stringify(make().options)}`, channelLaws, make, options);
}
