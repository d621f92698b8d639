import type { Plugin } from "@recon/core";
import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { type Catalogue, catalogue, type PieceKind, pieceKinds } from "../plugins/catalogue.ts";
import { loadPlugin } from "../plugins/load-plugins.ts";
import { aligned } from "../progress/summary.ts";
import type { Terminal } from "../terminal.ts";
import { aboutPiece } from "./about-piece.ts";

/** One thing that an audit file can name. */
interface Entry {
  readonly kind: PieceKind;
  readonly plugin: string;
  readonly name: string;
  /** What it says of itself: a citation, a licence, or which options it cannot do without. */
  readonly about: string;
}

/** `recon list`: what can be named in an audit file with the packages given. */
export function listCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("list")
    .description("list the models, data, attacks, priors, defences and knowledge flags that an audit file can name")
    .option("--use <packages...>", "packages to load, as under use in an audit file", ["vision"])
    .option("--json", "as one JSON object")
    .option("--debug", "show the stack trace of an error")
    .action(async (options: { readonly use: readonly string[]; readonly json?: boolean }) => {
      const loaded = [];
      for (const use of options.use.flatMap((words) => words.split(",")))
        loaded.push(await loadPlugin(use, terminal.cwd));
      const all = catalogue(loaded);
      const entries = (await Promise.all(all.plugins.map(entriesOf))).flat();
      if (options.json) terminal.out(JSON.stringify({ pieces: entries, flags: all.flags }));
      else for (const line of listing(entries, all)) terminal.out(line);
      done(exitCodes.ok);
    });
}

function listing(entries: readonly Entry[], { flags }: Catalogue): readonly string[] {
  const sections = (Object.keys(pieceKinds) as PieceKind[]).flatMap((kind) => {
    const rows = entries.filter((entry) => entry.kind === kind);
    if (rows.length === 0) return [];
    return [`${kind}:`, ...aligned(rows.map(({ name, plugin, about }) => [`  ${name}`, `(${plugin})`, about])), ""];
  });
  return [...sections, "knowledge flags:", `  ${flags.join(", ")}`];
}

async function entriesOf(plugin: Plugin): Promise<readonly Entry[]> {
  const names = (Object.keys(pieceKinds) as PieceKind[]).flatMap((kind) =>
    Object.keys(plugin[kind] ?? {}).map((name) => ({ kind, name })),
  );
  const entries: Entry[] = [];
  for (const { kind, name } of names) {
    entries.push({ kind, plugin: plugin.name, name, about: await aboutPiece(plugin, kind, name) });
  }
  return entries;
}
