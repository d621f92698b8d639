import { spawnSync } from "node:child_process";

/** Runs a command in a folder and returns what it prints. @throws Error with its last lines when it does not end with 0. */
export function run(command, args, cwd) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
    timeout: 900_000,
  });
  if (result.status === 0) return result.stdout;
  const said = `${result.stdout ?? ""}\n${result.stderr ?? ""}`.trim().split("\n").slice(-12).join("\n");
  throw new Error(
    `${command} ${args.slice(0, 4).join(" ")} ended with ${result.status ?? result.signal ?? result.error?.message}:\n${said}`,
  );
}

/**
 * Installs packages with npm, or what package.json names when there are none.
 *
 * Without install scripts, as in the workspace: that of onnxruntime-node fetches code for graphics cards from another server, and what the processor needs is in the package.
 */
export function installWithNpm(packages, folder) {
  return run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", ...packages],
    folder,
  );
}
