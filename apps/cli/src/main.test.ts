import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRunFolder } from "@recon/core";
import { beforeAll, expect, test } from "vitest";
import { dots, scratch, sound } from "./fixtures/scratch.ts";

// The command as a user starts it: compiled, in a process of its own.
const app = dirname(dirname(fileURLToPath(import.meta.url)));

beforeAll(() => {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  execFileSync(process.execPath, [join(dirname(manifest), "bin", "tsc"), "-b", app]);
}, 120_000);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
  readonly seconds: number;
}

function start(
  args: readonly string[],
  cwd: string,
): { readonly child: ChildProcess; readonly ended: Promise<Ended>; saying(words: string): Promise<void> } {
  const started = performance.now();
  const child = spawn(process.execPath, [join(app, "bin", "recon.js"), ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, said] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  return {
    child,
    ended: new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, out, said, seconds: (performance.now() - started) / 1000 }));
    }),
    async saying(words) {
      while (!said.includes(words) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

test("writes results to standard output and words to standard error", async () => {
  const { folder } = scratch({ "one.yaml": sound });
  const { code, out, said } = await start(["audit", "one.yaml", "--json"], folder).ended;
  expect(said).toContain("Report:");
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => line.summary ?? "diagnosis" in line)).toEqual([true, false, true]);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s leaves a valid run that can be reported, and ends with 130",
  async (signal) => {
    const { folder } = scratch({ "slow.yaml": `${sound}attacks: [ratio, patient]\nseeds: 50\n` });
    const { child, ended, saying } = start(["audit", "slow.yaml", "--out", "run"], folder);
    await saying("ratio  item");
    child.kill(signal);
    const { code, said } = await ended;
    expect(said).toContain("once more stops at once");
    expect(code).toBe(130);
    expect(readRunFolder(join(folder, "run")).run.status).toBe("interrupted");
    expect(existsSync(join(folder, "run", "report.html"))).toBe(true);
    expect((await start(["report", "run"], folder).ended).code).toBe(0);
  },
);

test("a second Ctrl-C ends at once, and what was written is still a run", async () => {
  const { folder } = scratch({ "stuck.yaml": `${sound}attacks: [ratio, stubborn]\n` });
  const { child, ended, saying } = start(["audit", "stuck.yaml", "--out", "run"], folder);
  await saying("ratio  item");
  child.kill("SIGINT");
  await saying("once more stops at once");
  child.kill("SIGINT");
  const { code, seconds } = await ended;
  expect(code).toBe(130);
  expect(seconds).toBeLessThan(20);
  expect(readRunFolder(join(folder, "run")).results).toHaveLength(1);
  expect((await start(["report", "run"], folder).ended).code).toBe(0);
});

test("an error of the user's is one line and no stack trace", async () => {
  const { folder } = scratch({ "a.yaml": `use: [${dots}]\nmodel: line\ndata: dots\nbatsh: 2\n` });
  const { code, out, said } = await start(["audit", "a.yaml"], folder).ended;
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(said.trim().split("\n")).toEqual([
    expect.stringContaining('a.yaml:4: batsh: unknown key; did you mean "batch"?'),
  ]);
});

test("a reader that closes the pipe is no failure", async () => {
  const { folder } = scratch();
  const { child, ended } = start(["list", "--use", dots], folder);
  child.stdout?.destroy();
  expect((await ended).said).not.toContain("EPIPE");
});

test("doctor runs a program on the CPU here, and says why other devices do not work", async () => {
  const { folder } = scratch();
  const { code, out } = await start(["doctor", "--json"], folder).ended;
  expect(code).toBe(0);
  const found = JSON.parse(out);
  expect(found.node.version).toBe(process.versions.node);
  expect(found.devices).toContainEqual({ device: "cpu", available: true });
  for (const device of found.devices) if (!device.available) expect(device.reason).toMatch(/\w/);
  expect(found.packages).toContainEqual({ name: "@recon/graph", version: null, optional: [] });
  expect(found.runtimeReports).toBe(process.platform === "win32" ? "left to the system" : "off");
});

test("list says what a package brings and what each piece says of itself", async () => {
  const { folder } = scratch();
  const { code, out } = await start(["list", "--use", dots, "--json"], folder).ended;
  expect(code).toBe(0);
  const { pieces, flags } = JSON.parse(out);
  expect(pieces).toContainEqual({
    kind: "attacks",
    plugin: "dots",
    name: "ratio",
    about: "the ratio of two gradients; needs batchSize",
  });
  expect(pieces).toContainEqual({ kind: "data", plugin: "dots", name: "dots", about: "Points on a line, CC0-1.0" });
  expect(pieces.map(({ name }: { name: string }) => name)).toContain("gaussian-noise");
  expect(flags).toContain("spacing");
});
