import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { countTests } from "./count-tests.mjs";
import { say, startCommand, startTool } from "./start.mjs";

// Runs every check and every test, whatever fails on the way, and closes with one line: `N passed, N failed`.
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const checks = [
  ["structure", () => startCommand(process.execPath, [join("scripts", "check-structure.mjs")], root)],
  ["format and lint", () => startTool("@biomejs/biome", "biome", ["check", "."], root)],
  ["types", () => startTool("typescript", "tsc", ["-b"], root)],
  ["types of tests", () => startTool("typescript", "tsc", ["-p", "tsconfig.tests.json"], root)],
];

let passed = 0;
let failed = 0;
for (const [name, check] of checks) {
  const fine = check() === 0;
  say(`${fine ? "ok  " : "FAIL"} ${name}`);
  if (fine) passed++;
  else failed++;
}

const folder = mkdtempSync(join(tmpdir(), "recon-tests-"));
const output = join(folder, "results.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
const code = startTool("vitest", "vitest", ["run", ...reporters, ...process.argv.slice(2)], root);
let results;
try {
  results = JSON.parse(readFileSync(output, "utf8"));
} catch {
  say("The tests did not run to their end.");
}
rmSync(folder, { recursive: true, force: true });
const counted = countTests(results, code);
passed += counted.passed;
failed += counted.failed;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
