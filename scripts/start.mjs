import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A line for the person who waits; standard output is left to the command that was asked for. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a command of the system and returns its exit code; what it prints goes to standard error. */
export function startCommand(command, args, cwd) {
  // npx is a script on Windows, which only a shell can start.
  const result = spawnSync(command, args, { cwd, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (result.error) say(`${command} cannot be started: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs an installed package's own command with this Node, and so on every system alike. */
export function startTool(name, bin, args, cwd) {
  const manifestPath = createRequire(join(cwd, "noop.js")).resolve(`${name}/package.json`);
  const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
  const script = join(dirname(manifestPath), typeof manifest.bin === "string" ? manifest.bin : manifest.bin[bin]);
  return spawnSync(process.execPath, [script, ...args], { cwd, stdio: ["ignore", 2, 2] }).status ?? 1;
}
