import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";
import { scenarioIds } from "./scenario-ids.ts";

const keys = ["use", "title", "model", "data", "batch", "seeds", "on_error"];

test.each([
  ["batsh", "batch"],
  ["bacth", "batch"],
  ["Model", "model"],
  ["onerror", "on_error"],
  ["seed", "seeds"],
  ["elephant", undefined],
])("%s is nearest to %s", (word, name) => {
  expect(nearestName(word, keys)).toBe(name);
});

test("scenarios are named after their files, and never alike", () => {
  expect(scenarioIds(["/a/My case.yaml", "b/my-case.yml", "c/.yaml", "d/my-case-2.yaml"])).toEqual([
    "my-case",
    "my-case-2",
    "scenario",
    "my-case-2-2",
  ]);
});
