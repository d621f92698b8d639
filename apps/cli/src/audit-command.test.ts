import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRunFolder } from "@recon/core";
import { expect, test } from "vitest";
import { dots, scratch, sound } from "./fixtures/scratch.ts";

test("audits a file into a new run folder, with a report, JSON lines and a summary as the last", async () => {
  const { folder, run } = scratch({ "one.yaml": `${sound}title: One dot\nseeds: 3\nobservation: float64\n` });
  const { code, out, said } = await run(["audit", "one.yaml", "--json", "--seed", "5", "--threads", "1"]);
  expect(said).toContain("one: line");
  expect(code).toBe(0);
  const [before, ...lines] = out.map((line) => JSON.parse(line));
  expect(before).toMatchObject({ case: "one", diagnosis: { determined: "open", batch: { size: 1, source: "told" } } });
  expect(said).toContain("before attacking: At B = 1 the count allows");
  expect(lines).toHaveLength(4);
  for (const [trial, line] of lines.slice(0, 3).entries()) {
    expect(line).toMatchObject({
      case: "one",
      seed: 5,
      trial,
      attack: "ratio",
      verdict: "recovered",
      observation: "float64",
    });
    expect(line.metric.rms).toBeLessThan(1e-12);
    expect(line.floor.rms).toBeGreaterThan(0.01);
    expect(line.floorName).toBe("blind guess");
    expect(line.versions.node).toBe(process.versions.node);
  }
  expect(lines[3]).toMatchObject({ summary: true, status: "finished", results: 3, failures: 0, seed: 5 });
  expect(lines[3].cases[0]).toMatchObject({ case: "one", attack: "ratio", items: 3, verdicts: { recovered: 3 } });
  const path = join(folder, lines[3].run);
  expect(existsSync(join(folder, lines[3].report))).toBe(true);
  const { run: record, results } = readRunFolder(path);
  expect(record).toMatchObject({ title: "One dot", status: "finished", seed: 5 });
  expect(record.scenarios[0]?.diagnosis?.count).toEqual(before.diagnosis.count);
  expect(record.scenarios[0]?.audit).toMatchObject({ batch: 1, kind: "gradient", attacks: "auto", seeds: 3 });
  expect(results).toHaveLength(3);
  rmSync(join(folder, lines[3].report));
  expect((await run(["report", lines[3].run])).code).toBe(0);
  expect(existsSync(join(folder, lines[3].report))).toBe(true);
});

test("equal seeds give equal results apart from the times; another seed gives others", async () => {
  const { folder, run } = scratch({ "one.yaml": `${sound}seeds: 2\n` });
  for (const [name, seed] of [
    ["a", 1],
    ["b", 1],
    ["c", 2],
  ] as const) {
    expect((await run(["audit", "one.yaml", "--out", name, "--seed", String(seed)])).code).toBe(0);
  }
  const results = (name: string): string =>
    readFileSync(join(folder, name, "results.jsonl"), "utf8").replace(/"seconds":[^,]+/g, "");
  expect(results("a")).toBe(results("b"));
  expect(results("a")).not.toBe(results("c"));
});

test("--check builds the scenarios and runs nothing", async () => {
  const { folder, run } = scratch({ "one.yaml": sound, "wrong.yaml": `${sound}batch: 99\n` });
  expect(await run(["audit", "one.yaml", "--check"])).toMatchObject({
    code: 0,
    out: ["one: nothing wrong (line on dots)"],
  });
  expect((await run(["audit", "wrong.yaml", "--check"])).code).toBe(2);
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("two runs that begin in one second get folders of their own", async () => {
  const { folder, run } = scratch({ "one.yaml": sound });
  const codes = [await run(["audit", "one.yaml"]), await run(["audit", "one.yaml"]), await run(["audit", "one.yaml"])];
  expect(codes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(readdirSync(join(folder, "runs"))).toHaveLength(3);
});

test("several files become the scenarios of one run, with ids that differ", async () => {
  const { folder, run } = scratch({ "a/one.yaml": sound, "b/one.yaml": sound });
  expect((await run(["audit", "a/one.yaml", "b/one.yaml", "--out", "both"])).code).toBe(0);
  expect(readRunFolder(join(folder, "both")).run.scenarios.map(({ id }) => id)).toEqual(["one", "one-2"]);
});

test("never overwrites a run without --force, and never anything else", async () => {
  const { folder, run } = scratch({ "one.yaml": sound, "mine/letter.txt": "dear reader" });
  expect((await run(["audit", "one.yaml", "--out", "run"])).code).toBe(0);
  const before = readFileSync(join(folder, "run", "run.json"), "utf8");
  const second = await run(["audit", "one.yaml", "--out", "run"]);
  expect(second.code).toBe(2);
  expect(second.said).toContain("--force");
  expect(readFileSync(join(folder, "run", "run.json"), "utf8")).toBe(before);
  expect((await run(["audit", "one.yaml", "--out", "run", "--force"])).code).toBe(0);
  expect(readFileSync(join(folder, "run", "run.json"), "utf8")).not.toBe(before);
  expect((await run(["audit", "one.yaml", "--out", "mine", "--force"])).code).toBe(2);
  expect(readdirSync(join(folder, "mine"))).toEqual(["letter.txt"]);
});

test("says plainly that the output cannot be written", async () => {
  const { run } = scratch({ "one.yaml": sound, taken: "a file" });
  const { code, said } = await run(["audit", "one.yaml", "--out", "taken/run"]);
  expect(code).toBe(2);
  expect(said).toContain("taken/run");
  expect(said).not.toMatch(/\n\s+at /);
});

test("counts trials that failed and ends with 3; a converged victim is said plainly", async () => {
  const { folder, run } = scratch({
    "zero.yaml": `use: [${dots}]\nmodel: { name: line, options: { zeros: true } }\ndata: { name: dots, options: { converged: true } }\n`,
    "never.yaml": `${sound}attacks: [refusing, ratio]\n`,
  });
  const zero = await run(["audit", "zero.yaml", "--out", "zero"]);
  expect(zero.code).toBe(3);
  expect(zero.said).toContain("The observation is zero: the victim has converged");
  const never = await run(["audit", "never.yaml", "--out", "never"]);
  expect(never.code).toBe(3);
  expect(never.said).toContain("refusing: failed");
  expect(readRunFolder(join(folder, "never"))).toMatchObject({
    results: [{ attack: "ratio" }],
    failures: [{ attack: "refusing" }],
  });
});

test("a defect in an attack ends with 1, closes the run as failed, and shows its stack trace only with --debug", async () => {
  const { folder, run } = scratch({ "one.yaml": `${sound}attacks: [defective]\n` });
  const plain = await run(["audit", "one.yaml", "--out", "a"]);
  expect(plain.code).toBe(1);
  expect(plain.said).toContain("unexpected failure: undefined is not a function");
  expect(plain.said).not.toMatch(/\n\s+at /);
  expect(readRunFolder(join(folder, "a")).run.status).toBe("failed");
  expect((await run(["audit", "one.yaml", "--out", "b", "--debug"])).said).toMatch(/\n\s+at .*dots\.js/);
});

test("an abort keeps what was done: the run is interrupted, has a report, and ends with 130", async () => {
  const { folder, run } = scratch({ "one.yaml": `${sound}attacks: [ratio, patient]\nseeds: 50\n` });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 700);
  const { code, said, out } = await run(["audit", "one.yaml", "--out", "run", "--json"], { signal: abort.signal });
  expect(code).toBe(130);
  expect(said).toContain("Interrupted");
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ summary: true, status: "interrupted" });
  const contents = readRunFolder(join(folder, "run"));
  expect(contents.run.status).toBe("interrupted");
  expect(contents.results[0]?.attack).toBe("ratio");
  expect(existsSync(join(folder, "run", "report.html"))).toBe(true);
});

test("draws one line over itself for a person, and plain lines elsewhere", async () => {
  const { run } = scratch({ "one.yaml": `${sound}attacks: [patient]\nbudget: { time_limit: 300ms }\n` });
  const watched = await run(["audit", "one.yaml", "--out", "a"], { interactive: true });
  expect(watched.said).toContain("\r\u001b[Kone [");
  expect(watched.said).toContain("1/1 patient");
  expect((await run(["audit", "one.yaml", "--out", "b"])).said).not.toContain("\r");
});

test("skips what cannot be read when asked to, and names it", async () => {
  const data = "data: { name: dots, options: { skipped: 2 } }\n";
  const base = `use: [${dots}]\nmodel: line\n${data}`;
  const { folder, run } = scratch({ "refuse.yaml": base, "skip.yaml": `${base}on_error: skip\n` });
  const refused = await run(["audit", "refuse.yaml"]);
  expect(refused.code).toBe(2);
  expect(refused.said).toContain(
    "refuse.yaml:3: data: 2 of its items cannot be read: bad-0.png (it is cut short), bad-1.png",
  );
  expect(existsSync(join(folder, "runs"))).toBe(false);
  expect((await run(["audit", "skip.yaml", "--out", "run"])).code).toBe(0);
  expect(readRunFolder(join(folder, "run")).run.scenarios[0]?.data.skipped).toHaveLength(2);
});

test("the search box of domain reaches the attacker's problem, and nonsense is refused", async () => {
  const { run } = scratch({
    "fine.yaml": `${sound}domain: { kind: dots, min: -1, max: 2 }\n`,
    "wrong.yaml": `${sound}domain: { kind: curve, min: 2, max: 1 }\n`,
  });
  expect((await run(["audit", "fine.yaml"])).code).toBe(0);
  const { code, said } = await run(["audit", "wrong.yaml"]);
  expect(code).toBe(2);
  expect(said).toContain('domain.kind: found "curve"; the data source dots yields "dots"');
  expect(said).toContain("min 2 is not below max 1");
});

test("a folder given by path needs a package that reads folders", async () => {
  const { folder, run } = scratch({ "one.yaml": `use: [${dots}]\nmodel: line\ndata: { path: pictures }\n` });
  mkdirSync(join(folder, "pictures"));
  writeFileSync(join(folder, "pictures", "a.png"), "");
  const { code, said } = await run(["audit", "one.yaml"]);
  expect(code).toBe(2);
  expect(said).toContain('one.yaml:3: data: there is no data source "folder" (loaded: core, dots)');
});
