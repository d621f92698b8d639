import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { caseRecords, parsed, replaced } from "./benchmarks/case-records.mjs";
import { caseTable } from "./benchmarks/case-table.mjs";
import { defenceTable } from "./benchmarks/defence-table.mjs";
import { timesTable } from "./benchmarks/times-table.mjs";

/*
 * Tables of docs/benchmarks from the records beside them.
 *
 *     node scripts/benchmark-tables.mjs                    writes every table anew
 *     node scripts/benchmark-tables.mjs --take lines.jsonl takes over what `bench:<app> --save lines.jsonl` measured, then writes;
 *                                                          `--commit c` says of which commit, where it is not this one
 *
 * A page says where a table goes, and of which cases of which app, baselines included; without cases, of all:
 *
 *     <!-- cases: text dager-use-b1 dager-use-b2 -->
 *     <!-- end of cases -->
 *
 * The grid of defences of a net and the times of the engine have forms of their own, from the lines of `bench:core --case defence-table --json` in
 * defences.jsonl and of `bench:engine --json` in engine.jsonl:
 *
 *     <!-- defences: lenet -->      <!-- times: engine -->
 *     <!-- end of defences -->      <!-- end of times -->
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "docs", "benchmarks");
const marked = /<!-- (cases|defences|times): (\S+)((?: [^>\s]+)*) -->\n[\s\S]*?<!-- end of \1 -->/g;

/** A page with its tables as the records give them. */
export function withTables(page, recordsOf) {
  return page.replace(marked, (_, kind, what, names) => {
    const table = tables[kind](recordsOf, what, names);
    return `<!-- ${kind}: ${what}${names} -->\n\n${table}\n\n<!-- end of ${kind} -->`;
  });
}

const tables = {
  cases: (recordsOf, app, names) => {
    const ids = names.trim() === "" ? undefined : names.trim().split(" ");
    const records = recordsOf(app).filter(
      (record) => ids === undefined || ids.some((id) => record.case === id || record.case.startsWith(`${id}/`)),
    );
    if (records.length === 0) throw new RangeError(`There are no records of ${app}${names}.`);
    return caseTable(records);
  },
  defences: (recordsOf, net) => defenceTable(recordsOf("defences"), net),
  times: (recordsOf, app) => timesTable(recordsOf(app)),
};

export function pages() {
  return readdirSync(folder).filter((name) => name.endsWith(".md"));
}

export function readPage(name) {
  return readFileSync(join(folder, name), "utf8");
}

export function committedRecords(app) {
  const file = join(folder, `${app}.jsonl`);
  return existsSync(file) ? parsed(readFileSync(file, "utf8")) : [];
}

function take(file, commit) {
  const facts = { date: new Date().toISOString().slice(0, 10), commit, machine: `${cpus().length} cores` };
  const records = caseRecords(readFileSync(file, "utf8"), facts);
  for (const app of new Set(records.map((record) => record.app))) {
    const own = records.filter((record) => record.app === app);
    const all = replaced(committedRecords(app), own);
    writeFileSync(join(folder, `${app}.jsonl`), all.map((record) => `${JSON.stringify(record)}\n`).join(""));
    console.log(`${app}: ${own.length} cases taken.`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { take: files = [], commit } = parseArgs({
    options: { take: { type: "string", multiple: true }, commit: { type: "string" } },
  }).values;
  const here = () => execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  for (const file of files) take(file, commit ?? here());
  for (const name of pages()) {
    const page = readPage(name);
    const made = withTables(page, committedRecords);
    if (made !== page) writeFileSync(join(folder, name), made);
  }
}
