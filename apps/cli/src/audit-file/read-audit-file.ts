import { readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import { ReconError } from "@recon/core";
import * as v from "valibot";
import { type Document, LineCounter, parseDocument } from "yaml";
import type { AuditFile } from "./audit-file.ts";
import { explainIssues, type FileProblem, found } from "./explain-issues.ts";
import { type KeyPath, keyName, lineOf } from "./positions.ts";
import { auditFileSchema } from "./schema.ts";

/** An audit file that has been read, and how to say where something in it is. */
export interface ReadAuditFile {
  readonly path: string;
  /** The path as the user would write it. */
  readonly name: string;
  readonly audit: AuditFile;
  /** One error that lists the problems with their lines. */
  refuse(problems: readonly FileProblem[]): ReconError;
}

/** Nobody writes a description this long; a wrong file by name is the likelier cause. */
const maxBytes = 1024 * 1024;

/**
 * Reads and checks one audit file.
 *
 * Throws `file-not-found`, `file-unreadable`, `not-yaml`, or `bad-audit-file` with everything that is wrong, each with its key and line.
 */
export function readAuditFile(path: string, cwd: string): ReadAuditFile {
  const name = relative(cwd, path).startsWith("..") ? path : relative(cwd, path);
  const lines = new LineCounter();
  const document = parseDocument(contentsOf(path, name), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const said = document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
    throw new ReconError("not-yaml", `${name} is not a readable YAML file:\n  ${said.join("\n  ")}`);
  }
  const refuse = (problems: readonly FileProblem[]): ReconError => {
    const located = problems.map((problem) => ({ ...problem, line: lineOf(document, lines, problem.path) }));
    located.sort((a, b) => a.line - b.line);
    return badFile(name, located);
  };
  const result = v.safeParse(auditFileSchema, contentsAsMap(document, refuse));
  if (!result.success) throw refuse(explainIssues(auditFileSchema, result.issues));
  const notJson = unrepeatable(result.output, []);
  if (notJson.length > 0) throw refuse(notJson);
  return { path, name, audit: result.output, refuse };
}

function badFile(name: string, problems: readonly (FileProblem & { readonly line: number })[]): ReconError {
  const said = problems.map(
    ({ path, line, message }) => `${name}:${line}: ${path.length === 0 ? "" : `${keyName(path)}: `}${message}`,
  );
  const heading = problems.length === 1 ? "" : `${problems.length} problems in ${name}:\n  `;
  return new ReconError("bad-audit-file", `${heading}${said.join("\n  ")}`);
}

function contentsOf(path: string, name: string): string {
  try {
    if (statSync(path).size > maxBytes) {
      throw new ReconError(
        "file-unreadable",
        `${name} is larger than 1 MiB, so it is hardly an audit file. Check the name.`,
      );
    }
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof ReconError) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT")
      throw new ReconError("file-not-found", `There is no file ${name}. Check the name and the folder.`);
    const why = code === "EISDIR" ? "it is a folder" : cause instanceof Error ? cause.message : String(cause);
    throw new ReconError("file-unreadable", `Cannot read ${name}: ${why}.`, { cause });
  }
}

/** The file's map. An empty file is a map without keys: the error then names the keys that are missing. */
function contentsAsMap(document: Document, refuse: (problems: readonly FileProblem[]) => ReconError): unknown {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw refuse([
      { path: [], message: `its aliases cannot be followed (${cause instanceof Error ? cause.message : cause})` },
    ]);
  }
  if (typeof value === "object" && !Array.isArray(value)) return value;
  throw refuse([{ path: [], message: `found ${found(value)}; allowed: a map of keys, as in "batch: 1"` }]);
}

/** Options are recorded as JSON, so that a run can be repeated: numbers that JSON lacks are refused here, by name. */
function unrepeatable(value: unknown, path: KeyPath): FileProblem[] {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return [{ path, message: `found ${value}; allowed: a finite number` }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    unrepeatable(entry, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
