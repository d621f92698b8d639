import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Kind, kinds, namesOf } from "./names.ts";
import { writePackage } from "./write-package.ts";

/** What the command talks to. */
export interface Surroundings {
  readonly cwd: string;
  readonly out: (line: string) => void;
  readonly say: (line: string) => void;
  /** Asks a person; absent where there is none. */
  readonly ask?: (question: string) => Promise<string>;
}

const help = `Usage: npm create recon-plugin [name] -- [options]

Starts a package for recon: one piece, its laws as tests, an audit that uses it by name.

Options:
  --kind <kind>       ${kinds.join(", ")} (default: prior)
  --directory <path>  where to write it (default: the name of the package)
  --help              this text

Examples:
  npm create recon-plugin soft-edges                    recon-prior-soft-edges, in a folder of that name
  npm create recon-plugin tiny-net -- --kind model      recon-model-tiny-net
  npx create-recon-plugin my-attack --kind attack --directory ./here

Without a name it asks, where somebody is there to answer.
Exit codes: 0 done, 2 the arguments are wrong.
`;

interface Wanted {
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly directory: string | undefined;
  readonly help: boolean;
}

/** Runs the command on its arguments and returns the exit code: 0, or 2 for arguments that are wrong. */
export async function create(args: readonly string[], { cwd, out, say, ask }: Surroundings): Promise<number> {
  try {
    const wanted = parsed(args);
    if (wanted.help) {
      out(help.trimEnd());
      return 0;
    }
    const name = wanted.name ?? (await ask?.("Name of the piece, such as soft-edges: "))?.trim();
    if (name === undefined || name === "") throw new Error("A name is missing: npm create recon-plugin soft-edges");
    const kind = kindOf(wanted.kind ?? (await askedKind(name, wanted, ask)));
    const names = namesOf(name, kind);
    const folder = resolve(cwd, wanted.directory ?? names.package);
    const files = writePackage(folder, names);
    const shown = relative(cwd, folder) || ".";
    say(`${names.package}: ${files.length} files in ${shown}\n`);
    say(
      `  cd ${shown}\n  npm install\n  npm test           the laws of its ${kind}\n  npm run laws       the same without a test runner\n  npm run audit      an audit that uses it by name`,
    );
    out(folder);
    return 0;
  } catch (error) {
    say(`create-recon-plugin: ${error instanceof Error ? error.message : error}`);
    say("(--help shows what there is)");
    return 2;
  }
}

function parsed(args: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { kind: { type: "string" }, directory: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (positionals.length > 1) throw new Error(`One name, not ${positionals.length}: ${positionals.join(" ")}`);
  return { name: positionals[0], kind: values.kind, directory: values.directory, help: values.help === true };
}

/** A name such as `recon-model-x` says the kind; otherwise somebody is asked, and nobody's answer is a prior. */
async function askedKind(name: string, wanted: Wanted, ask: Surroundings["ask"]): Promise<string> {
  const said = kinds.find((kind) => name.startsWith(`recon-${kind}-`));
  if (said !== undefined) return said;
  const answer = wanted.name === undefined ? await ask?.(`Kind (${kinds.join(", ")}) [prior]: `) : undefined;
  return answer?.trim() || "prior";
}

function kindOf(word: string): Kind {
  const kind = kinds.find((known) => known === word);
  if (kind === undefined) throw new Error(`"${word}" is no kind of piece. Allowed: ${kinds.join(", ")}.`);
  return kind;
}
