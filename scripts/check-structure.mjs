import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readTree } from "./structure/read-tree.mjs";
import { rules } from "./structure/rules.mjs";

// Fails when the workspace breaks one of the rules of shape: see docs/architecture.md.
const tree = readTree(dirname(dirname(fileURLToPath(import.meta.url))));
const problems = Object.entries(rules).flatMap(([name, rule]) => rule(tree).map((sentence) => `${name}: ${sentence}`));
for (const problem of problems) console.error(problem);
const amount = `${Object.keys(tree.files).length} files, ${tree.packages.length} packages, ${Object.keys(rules).length} rules`;
console.log(problems.length === 0 ? `structure: ${amount}, nothing wrong` : `structure: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
