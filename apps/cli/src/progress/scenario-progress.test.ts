import type { AuditEvent, ScenarioRecord } from "@recon/core";
import { expect, test } from "vitest";
import { clock, progressWords } from "./live-line.ts";
import { followProgress } from "./scenario-progress.ts";

const record = { id: "s", trials: 4, attacks: ["a", "b"] } as unknown as ScenarioRecord;
const progress = (trial: number, attack: string, fraction: number): AuditEvent => ({
  kind: "progress",
  scenario: "s",
  trial,
  attack,
  fraction,
  message: "",
});

test("counts trials and attacks, and tells the time left from the pace so far", () => {
  let now = 0;
  const follow = followProgress(() => now);
  expect(follow(progress(0, "a", 0.5))).toBeUndefined();
  expect(follow({ kind: "scenario", record })?.fraction).toBe(0);
  follow({ kind: "trial", scenario: "s", trial: 0, trials: 4 });
  expect(follow(progress(0, "a", 0.5))?.fraction).toBe(1 / 16);
  expect(follow(progress(0, "b", 0.5))?.fraction).toBe(3 / 16);
  now = 10_000;
  const half = follow({ kind: "trial", scenario: "s", trial: 2, trials: 4 });
  expect(half).toMatchObject({ fraction: 0.5, trial: 3, trials: 4, secondsLeft: 10 });
});

test("never promises more than the whole, whatever an attack claims", () => {
  const follow = followProgress(() => 0);
  follow({ kind: "scenario", record });
  follow({ kind: "trial", scenario: "s", trial: 3, trials: 4 });
  for (const attack of ["a", "b", "c"]) expect(follow(progress(3, attack, 7))?.fraction).toBeLessThanOrEqual(1);
});

test("a line of progress in words", () => {
  const shown = {
    scenario: "s",
    fraction: 0.25,
    trial: 1,
    trials: 4,
    attack: "dlg",
    message: "restart 2",
    secondsLeft: 75,
  };
  expect(progressWords(shown)).toBe("s [#####---------------] 1/4 dlg (restart 2), 1:15 left");
});

test.each([
  [0, "0:00"],
  [59.6, "1:00"],
  [3599, "59:59"],
  [3661, "1:01:01"],
])("%d seconds are %s", (seconds, words) => {
  expect(clock(seconds)).toBe(words);
});
