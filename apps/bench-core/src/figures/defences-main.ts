import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type DefenceLine, defenceChart } from "./defence-chart.ts";

const [file, folder = "docs/benchmarks"] = process.argv.slice(2);
if (file === undefined) {
  console.error("Give the lines of defence-table (bench:core --case defence-table --json > lines.jsonl) and a folder.");
  process.exit(2);
}
const lines = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line) as DefenceLine & { readonly case: string; readonly summary?: true })
  .filter((line) => line.case === "defence-table" && line.summary !== true);
const victims = [...new Set(lines.map(({ item }) => item.split(":")[0]!))];
mkdirSync(resolve(folder), { recursive: true });
for (const victim of victims) {
  for (const told of [true, false]) {
    const target = join(resolve(folder), `defences-${victim}-${told ? "told" : "not-told"}.svg`);
    writeFileSync(target, defenceChart(lines, victim, told));
    console.log(target);
  }
}
