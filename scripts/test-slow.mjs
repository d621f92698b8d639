import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { say, startTool } from "./start.mjs";

// The slow proofs: tests that take minutes, and the drawn tests of the engine with ten times the cases.
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const proofs = [
  ["slow tests", { RECON_SLOW: "1" }, []],
  [
    "300 drawn cases an op",
    { RECON_OP_CASES: "300" },
    ["packages/engine/src/ops", "packages/engine/src/executors/op-agreement"],
  ],
  ["20,000 damaged files", { RECON_FUZZ_FILES: "20000" }, ["packages/engine/src/files"]],
];

let failed = 0;
for (const [name, settings, files] of proofs) {
  Object.assign(process.env, settings);
  // Cases that take milliseconds take minutes in such numbers.
  const code = startTool("vitest", "vitest", ["run", "--testTimeout=600000", ...files], root);
  for (const key of Object.keys(settings)) delete process.env[key];
  say(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
  if (code !== 0) failed++;
}

console.log(`${proofs.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
