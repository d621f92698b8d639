import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { say, startCommand, startTool } from "./start.mjs";

/**
 * Makes a fresh clone ready with nothing but Node and npm: installs the packages that the lockfile names, then compiles.
 *
 * Runs before `npm test` and `npm run demo`, so a second time it must be quick and silent. `--quiet` speaks only when it does something;
 * `--install-only` is for the tests, which count a source that does not compile as a failure instead of stopping at it.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv.includes("--quiet");

/** The package manager of the lockfile; nobody has to install it. */
const pnpm = "pnpm@12.20.0";

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(
    `Node ${process.versions.node} is too old: recon needs 20.19 or later. Install a current Node, then run this again.`,
  );
  process.exit(1);
}

function install() {
  const stamp = join(root, "node_modules", ".recon-setup");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing packages; the first time takes a minute or two ...");
  // In CI and in a pipe nobody could answer a question about an existing node_modules.
  const args = ["--yes", pnpm, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"];
  const code = startCommand("npx", args, root);
  if (code !== 0) {
    say(
      "The packages could not be installed; the lines above say why. Check the network connection, then run this again.",
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function compile() {
  if (!quiet) say("Compiling ...");
  if (startTool("typescript", "tsc", ["-b"], root) === 0) return;
  say("The sources do not compile; the lines above say where.");
  process.exit(1);
}

checkNode();
install();
if (process.argv.includes("--install-only")) process.exit(0);
compile();
if (!quiet) say("Ready.");
