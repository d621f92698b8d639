import type { Flag } from "@recon/core";
import type { FileProblem } from "./explain-issues.ts";
import { suggestion } from "./nearest-name.ts";

/** Replaces the word `default` by a list and checks every other flag against those that are loaded. */
export function knownFlags(
  known: readonly string[],
  loaded: readonly Flag[],
  byDefault: readonly Flag[],
): { readonly flags: readonly Flag[]; readonly problems: readonly FileProblem[] } {
  const flags = known.flatMap((flag) => (flag === "default" ? byDefault : [flag]));
  const problems = known.flatMap((flag, index): FileProblem[] => {
    if (flag === "default" || loaded.includes(flag)) return [];
    const message = `found ${JSON.stringify(flag)}; ${suggestion(flag, loaded)}allowed: default, ${loaded.join(", ")}`;
    return [{ path: ["known", index], message }];
  });
  return { flags: [...new Set(flags)], problems };
}
