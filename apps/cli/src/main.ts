import { exitCodes } from "./exit-codes.ts";
import { run } from "./run.ts";

const abort = new AbortController();

/** The first request to stop ends the run in good order; the second ends the process at once. */
function stop(signal: string): void {
  if (abort.signal.aborted) process.exit(exitCodes.interrupted);
  process.stderr.write(`\n${signal}: finishing what is being written; once more stops at once.\n`);
  abort.abort(new Error(`stopped by ${signal}`));
}
process.on("SIGINT", () => stop("Ctrl-C"));
process.on("SIGTERM", () => stop("Request to terminate"));
// A reader that has seen enough (`recon list | head -1`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
});

const code = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  draw: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  // A terminal that does not know its width says 0.
  columns: () => process.stderr.columns || 80,
  signal: abort.signal,
});
process.exitCode = abort.signal.aborted ? exitCodes.interrupted : code;
