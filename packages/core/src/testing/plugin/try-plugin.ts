import { type Plugin, type PluginMember, pluginMembers } from "../../plugin.ts";
import { rng } from "../../random.ts";
import { sampleOf } from "./sample.ts";
import { type LawSetting, type Skip, type Suite, saidBy } from "./suite.ts";
import { suites } from "./suites.ts";

/** What became of one law of one piece. */
export type LawOutcome =
  | { readonly law: string; readonly held: true }
  | {
      readonly law: string;
      readonly held: false;
      readonly reason: string;
      /** The seed that repeats it. */
      readonly seed: number;
    };

/** What became of the laws of one piece. */
export type PieceOutcome = {
  readonly member: PluginMember;
  readonly name: string;
} & (
  | { readonly skipped: string }
  | { readonly on: string; readonly laws: readonly LawOutcome[]; readonly seconds: number }
);

/**
 * Tries the laws of `@recon/core/testing` on every piece of a plugin that can be tried without being told more, piece by piece.
 *
 * No test runner is needed. A piece that needs options or data that are not there is skipped, and says why; an abort ends the round between two laws.
 */
export async function* tryPlugin(plugin: Plugin, setting: LawSetting = {}): AsyncGenerator<PieceOutcome, void> {
  const sample = await sampleOf(plugin, setting);
  for (const member of pluginMembers) {
    for (const name of Object.keys(plugin[member] ?? {})) {
      if (setting.only !== undefined && !setting.only.includes(name)) continue;
      if (setting.signal?.aborted) return;
      let found: Suite | Skip;
      try {
        found = await suites[member](plugin, name, sample, setting);
      } catch (error) {
        yield { member, name, skipped: saidBy(error) };
        continue;
      }
      if ("skipped" in found) yield { member, name, skipped: found.skipped };
      else yield { member, name, on: found.title, ...(await trySuite(found, setting)) };
    }
  }
}

async function trySuite({ laws }: Suite, { runs = 3, seed = 1, signal }: LawSetting) {
  const started = performance.now();
  const outcomes: LawOutcome[] = [];
  for (const { name, check } of laws) {
    let outcome: LawOutcome = { law: name, held: true };
    for (let run = 0; run < runs && outcome.held && !signal?.aborted; run++) {
      try {
        await check(rng(seed + run));
      } catch (error) {
        outcome = {
          law: name,
          held: false,
          reason: error instanceof Error ? error.message : String(error),
          seed: seed + run,
        };
      }
    }
    if (signal?.aborted) break;
    outcomes.push(outcome);
  }
  return { laws: outcomes, seconds: (performance.now() - started) / 1000 };
}
