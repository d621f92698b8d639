import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// Runs the benchmark apps one after the other, so that none takes another's cores.
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const usage = `Usage: npm run bench -- [options]

Runs every benchmark app: ${apps().join(", ")}.

  --app <name>    only this one; can be given several times
  --quick         two seeds and a tenth of the evaluations, to see that everything works
  --seeds <n>     how many seeds
  --json          one JSON object a line
  --save <folder> JSON lines of every app in a file of its own there; what is finished in them is not run again
  --strict        exit with 1 when a target is missed
  --help          this text

Examples:
  npm run bench -- --quick
  npm run bench -- --app text --app graph --save lines
  npm run -s bench -- --json > all.jsonl

Exit code: 0 when every case ran; 1 when one failed; 2 for a call that cannot be understood; 130 when interrupted.`;

function apps() {
  return readdirSync(join(root, "apps"))
    .filter((name) => name.startsWith("bench-"))
    .map((name) => name.slice("bench-".length));
}

function options() {
  try {
    return parseArgs({
      options: {
        app: { type: "string", multiple: true },
        quick: { type: "boolean" },
        seeds: { type: "string" },
        json: { type: "boolean" },
        save: { type: "string" },
        strict: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

function run(app, args) {
  const bin = join(root, "apps", `bench-${app}`, "bin", `bench-${app}.js`);
  if (!existsSync(bin)) throw new Error(`${bin} is missing.`);
  return new Promise((resolve) => {
    spawn(process.execPath, [bin, ...args], { cwd: root, stdio: "inherit" }).on("close", (code) =>
      resolve(code ?? 130),
    );
  });
}

const { app: chosen, help, save, ...flags } = options();
if (help) {
  console.log(usage);
  process.exit(0);
}
const unknown = (chosen ?? []).filter((name) => !apps().includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark app ${unknown.join(", ")}. There are: ${apps().join(", ")}.`);
  process.exit(2);
}
if (save !== undefined) mkdirSync(save, { recursive: true });
const passed = Object.entries(flags).flatMap(([name, value]) =>
  value === true ? [`--${name}`] : [`--${name}`, value],
);
let worst = 0;
const spent = [];
// The apps write what they have when they are interrupted; this process waits for that.
let interrupted = false;
process.on("SIGINT", () => {
  interrupted = true;
});
for (const app of chosen ?? apps()) {
  if (interrupted) break;
  console.error(`\n${app}`);
  const began = performance.now();
  // Timings of programs have a form of their own and are not saved.
  const own = save === undefined || app === "engine" ? [] : ["--save", join(save, `${app}.jsonl`)];
  const code = await run(app, [...passed, ...own]);
  spent.push(
    `${app} ${((performance.now() - began) / 60_000).toFixed(1)} min${code === 0 ? "" : `, exit code ${code}`}`,
  );
  if (code === 2) worst = 2;
  else if (code !== 0) worst = Math.max(worst, code === 130 ? 130 : 1);
}
console.error(`\n${spent.join("; ")}`);
process.exit(interrupted ? 130 : worst);
