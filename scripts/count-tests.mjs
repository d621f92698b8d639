/**
 * Counts of a test run from its JSON results and exit code.
 *
 * A file that does not load has no tests to count, and an error outside of any test fails no test: each still counts as one failure,
 * so that a run which failed can never look like one that passed. No results, or no test at all, is one failure.
 */
export function countTests(results, exitCode) {
  const files = results?.testResults ?? [];
  const broken = files.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed)).length;
  const passed = results?.numPassedTests ?? 0;
  const failed = (results?.numFailedTests ?? 0) + broken;
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + unexplained };
}

const isFailed = (test) => test.status === "failed";
