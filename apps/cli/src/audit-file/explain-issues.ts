import type * as v from "valibot";
import { suggestion } from "./nearest-name.ts";
import type { KeyPath } from "./positions.ts";
import { allowedAt, keysAt } from "./schema-at.ts";

/** One thing that is wrong with a file: where, and a clause that says what was found and what is allowed. */
export interface FileProblem {
  readonly path: KeyPath;
  readonly message: string;
}

/** What is said of keys that belong to audits of other kinds. */
const laterKeys: Readonly<Record<string, string>> = {
  "model.file": "models from files are not in this version; name a model of a package",
  channel: "channel is a key of case.json; say under defences what happens to the gradient",
  labels: "what the attacker is told is said under known, as in known: [default, labels]",
  optimizer: 'how a client takes its local steps stands under "local", with "kind: update": local: { optimiser: sgd }',
  learning_rate: 'the step size of local training is "rate", with "kind: update"',
};

/** Puts the issues of a schema into words. */
export function explainIssues(
  schema: v.GenericSchema,
  issues: readonly v.BaseIssue<unknown>[],
): readonly FileProblem[] {
  return distinct(issues.flatMap((issue) => explain(schema, issue, [])));
}

function explain(schema: v.GenericSchema, issue: v.BaseIssue<unknown>, above: KeyPath): readonly FileProblem[] {
  const path = [...above, ...(issue.path ?? []).map((item) => item.key as string | number)];
  if (listForMap(issue)) {
    const parent = path.slice(0, -1);
    return [{ path: parent, message: `found a list; allowed: ${allowedAt(schema, parent)}` }];
  }
  // A union fails as a whole; the branch that got inside the value says more than the union does.
  const inner = (issue.issues ?? []).filter((nested) => (nested.path ?? []).length > 0 && !listForMap(nested));
  if (inner.length > 0) {
    const problems = inner.flatMap((nested) => explain(schema, nested, path));
    // Of `{ name }` and `{ path }`, the absence of one is no news when something else is wrong.
    const others = problems.filter((problem) => !problem.message.startsWith(missing));
    return distinct(others.length > 0 ? others : problems.slice(0, 1));
  }
  if (issue.expected === "never") return [unknownKey(path, keysAt(schema, path.slice(0, -1)))];
  if (issue.received === "undefined") return [{ path, message: `${missing}; allowed: ${allowedAt(schema, path)}` }];
  return [{ path, message: `found ${found(issue.input)}; allowed: ${issue.message}` }];
}

const missing = "is missing";

/** The library lets a list through where a map is expected, and then complains of its indices. */
function listForMap(issue: v.BaseIssue<unknown>): boolean {
  const last = issue.path?.at(-1);
  return last?.type === "object" && Array.isArray(last.input);
}

function distinct(problems: readonly FileProblem[]): readonly FileProblem[] {
  const key = (problem: FileProblem): string => problem.path.join("\n");
  return problems.filter((problem, index) => problems.findIndex((other) => key(other) === key(problem)) === index);
}

function unknownKey(path: KeyPath, keys: readonly string[]): FileProblem {
  const name = String(path.at(-1));
  const later = laterKeys[path.filter((key) => typeof key === "string").join(".")];
  return { path, message: later ?? `unknown key; ${suggestion(name, keys)}allowed: ${keys.join(", ")}` };
}

/** A value as people write it, cut where it is long. */
export function found(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  const words = typeof value === "number" ? String(value) : JSON.stringify(value);
  return words.length > 60 ? `${words.slice(0, 57)}...` : words;
}
