import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { create } from "./create.ts";
import { kinds, namesOf } from "./names.ts";

function scratch(answers?: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), "create-recon-plugin-"));
  const out: string[] = [];
  let said = "";
  const left = [...(answers ?? [])];
  return {
    cwd,
    out,
    said: () => said,
    run: (...args: string[]) =>
      create(args, {
        cwd,
        out: (line) => out.push(line),
        say: (line) => {
          said += `${line}\n`;
        },
        ...(answers && { ask: async () => left.shift() ?? "" }),
      }),
    read: (path: string): string => readFileSync(join(cwd, path), "utf8"),
  };
}

describe("a new package", () => {
  test.each(kinds)("of the kind %s is complete, under its own names alone", async (kind) => {
    const { cwd, run, read, out } = scratch();
    expect(await run("soft-steps", "--kind", kind)).toBe(0);
    const name = `recon-${kind}-soft-steps`;
    expect(out).toEqual([join(cwd, name)]);
    const files = readdirSync(join(cwd, name), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map((file) => file.name).sort()).toEqual(
      [".gitignore", "README.md", "audit.yaml", "index.js", "laws.test.js", "package.json", "soft-steps.js"].sort(),
    );
    for (const file of files) {
      expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toMatch(/sample-?piece|recon-kind/i);
    }
    const manifest = JSON.parse(read(`${name}/package.json`));
    expect(manifest).toMatchObject({ name, keywords: ["recon-plugin"], type: "module", sideEffects: false });
    expect(Object.keys(manifest.peerDependencies)).toEqual(["@recon/core", "@recon/engine"]);
    expect(manifest.dependencies).toBeUndefined();
    expect(read(`${name}/index.js`)).toContain(`${kind}s: { "soft-steps": `);
    expect(read(`${name}/src/soft-steps.js`)).toContain("export function softSteps(");
    expect(read(`${name}/example/audit.yaml`)).toContain(`use: [vision, ${name}]`);
  });

  test("is a prior unless something else is said, by option or by name", async () => {
    const { cwd, run } = scratch();
    expect(await run("a1")).toBe(0);
    expect(await run("recon-model-a1")).toBe(0);
    expect(await run("recon-prior-a2", "--directory", "here/there")).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(["here", "recon-model-a1", "recon-prior-a1"]);
  });

  test("is asked for where somebody is there to answer", async () => {
    const { cwd, run } = scratch(["soft-steps", "model"]);
    expect(await run()).toBe(0);
    expect(readdirSync(cwd)).toEqual(["recon-model-soft-steps"]);
    const other = scratch(["soft-steps", ""]);
    expect(await other.run()).toBe(0);
    expect(readdirSync(other.cwd)).toEqual(["recon-prior-soft-steps"]);
  });
});

test.each([
  [[], "A name is missing"],
  [["Soft"], '"Soft" cannot be a name'],
  [["a--b"], "single hyphens"],
  [["../up"], "cannot be a name"],
  [["vision"], "is the name of a package of recon"],
  [["default"], "is a word of the language"],
  [["a", "b"], "One name, not 2"],
  [["a", "--kind", "metric"], '"metric" is no kind of piece. Allowed: prior, model, attack'],
  [["a", "--king", "prior"], "--king"],
])("refuses %j in words", async (args, words) => {
  const { cwd, run, said } = scratch();
  expect(await run(...args)).toBe(2);
  expect(said()).toContain(words);
  expect(readdirSync(cwd)).toEqual([]);
});

test("writes nothing over what is there", async () => {
  const { cwd, run, said } = scratch();
  writeFileSync(join(cwd, "mine.txt"), "mine");
  expect(await run("a", "--directory", ".")).toBe(2);
  expect(said()).toContain("is not empty");
  expect(readdirSync(cwd)).toEqual(["mine.txt"]);
});

test("help gives examples", async () => {
  const { run, out } = scratch();
  expect(await run("--help")).toBe(0);
  expect(out.join("\n")).toContain("npm create recon-plugin tiny-net -- --kind model");
});

test("names in code follow from names in files", () => {
  expect(namesOf("soft-edges-2d", "prior")).toEqual({
    kind: "prior",
    package: "recon-prior-soft-edges-2d",
    piece: "soft-edges-2d",
    factory: "softEdges2d",
  });
});
