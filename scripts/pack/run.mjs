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
