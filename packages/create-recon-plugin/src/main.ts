import { createInterface } from "node:readline/promises";
import { create } from "./create.ts";

const { stdin, stdout, stderr } = process;
const terminal = createInterface({ input: stdin, output: stderr });
process.exitCode = await create(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (line) => stdout.write(`${line}\n`),
  say: (line) => stderr.write(`${line}\n`),
  ...(stdin.isTTY && stderr.isTTY && { ask: (question: string) => terminal.question(question) }),
});
terminal.close();
