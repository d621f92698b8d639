import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";

const app = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(app, "..", "..");

/** A red dot: the smallest PNG that a reader accepts. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** Runs the compiled command in the workspace, where the package of every example is installed. */
function recon(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(app, "bin", "recon.js"), ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

let folder = "";

beforeAll(() => {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), "bin", "tsc");
  execFileSync(process.execPath, [
    compiler,
    "-b",
    app,
    join(root, "packages", "vision"),
    join(root, "packages", "text"),
    join(root, "packages", "timeseries"),
    join(root, "packages", "graph"),
  ]);
  folder = mkdtempSync(join(tmpdir(), "recon-examples-"));
  cpSync(join(root, "examples"), folder, { recursive: true });
  mkdirSync(join(folder, "my-images"));
  writeFileSync(join(folder, "my-images", "dot.png"), Buffer.from(png, "base64"));
}, 120_000);

/** A file of the demonstration, in which the plugin beside it is named as `recon demo` finds it. */
function demoFile(name: string): string {
  const text = readFileSync(join(app, "demo", name), "utf8");
  const copy = join(folder, name);
  writeFileSync(copy, text.replaceAll("./plane.js", join(app, "demo", "plane.js")));
  return copy;
}

test("every example and every file of the demonstration describes an audit that could run", () => {
  const examples = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".yaml"));
  const demo = readdirSync(join(app, "demo")).filter((name) => name.endsWith(".yaml"));
  const files = [...examples.map((name) => join(folder, name)), ...demo.map(demoFile)];
  expect(files.length).toBeGreaterThan(5);
  const lines = recon("audit", ...files, "--check")
    .trim()
    .split("\n");
  expect(lines).toHaveLength(files.length);
}, 60_000);

test("the example with a fully connected net gives every digit back", () => {
  const out = recon("audit", join(folder, "vision-digits.yaml"), "--json", "--out", join(folder, "run"));
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines.slice(0, -1).filter((entry) => !("diagnosis" in entry))) {
    expect(line.certificate).toBe("exact");
    expect(line.metric.psnr_db).toBeGreaterThan(100);
    expect(line.floor.psnr_db).toBeLessThan(30);
  }
  expect(lines.at(-1)).toMatchObject({ summary: true, results: 4, failures: 0 });
}, 60_000);

test("list names the pieces of the image package", () => {
  const { pieces } = JSON.parse(recon("list", "--use", "vision", "--json"));
  const names = (kind: string): readonly string[] =>
    pieces.filter((piece: { kind: string }) => piece.kind === kind).map(({ name }: { name: string }) => name);
  expect(names("models")).toEqual(expect.arrayContaining(["mlp", "lenet-zhu", "cnn6", "conv7"]));
  expect(names("attacks")).toEqual(expect.arrayContaining(["auto", "analytic", "recursion", "dlg", "idlg"]));
});
