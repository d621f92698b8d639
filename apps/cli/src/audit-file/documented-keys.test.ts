import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { auditFileSchema } from "./schema.ts";
import { keysAt } from "./schema-at.ts";

test("the page about the audit file has a row for every key", () => {
  const page = readFileSync(new URL("../../../../docs/audit-file.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const documented = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map((match) => match[1]),
  );
  expect(documented.toSorted()).toEqual([...keysAt(auditFileSchema, [])].sort());
});
