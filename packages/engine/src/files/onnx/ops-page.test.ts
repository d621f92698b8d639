import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { opFamilies, opTable } from "./op-table.ts";
import { opsPage } from "./ops-page.ts";

test("the page of operators is up to date; write it with packages/engine/scripts/write-onnx-ops.mjs", () => {
  const page = new URL("../../../../../docs/engine-onnx-ops.md", import.meta.url);
  expect(readFileSync(page, "utf8")).toBe(opsPage());
});

test("no operator has two entries", () => {
  expect(opTable.size).toBe(Object.values(opFamilies).flat().length);
});
