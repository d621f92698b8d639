import { expect, test } from "vitest";
import { countTests } from "./count-tests.mjs";

const file = (status, ...tests) => ({ status, assertionResults: tests.map((each) => ({ status: each })) });

test.each([
  ["all passed", { numPassedTests: 3, numFailedTests: 0, testResults: [file("passed", "passed")] }, 0, [3, 0]],
  [
    "one failed",
    { numPassedTests: 2, numFailedTests: 1, testResults: [file("failed", "failed", "passed")] },
    1,
    [2, 1],
  ],
  ["a file that does not load", { numPassedTests: 2, numFailedTests: 0, testResults: [file("failed")] }, 1, [2, 1]],
  [
    "an error outside of any test",
    { numPassedTests: 2, numFailedTests: 0, testResults: [file("passed", "passed")] },
    1,
    [2, 1],
  ],
  ["no results", undefined, 1, [0, 1]],
  ["no test at all", { numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0, [0, 1]],
])("counts %s", (_what, results, code, [passed, failed]) => {
  expect(countTests(results, code)).toEqual({ passed, failed });
});
