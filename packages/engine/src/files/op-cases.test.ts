import { describe, expect, test } from "vitest";
import { expectAgreement } from "./fixtures/compare.ts";
import { opCases } from "./fixtures/op-cases.ts";
import { opTable } from "./onnx/op-table.ts";

describe("every operator agrees with ONNX Runtime", () => {
  for (const { title, bytes, values } of opCases) {
    test(title, async () => {
      await expectAgreement(bytes, {}, values);
    });
  }

  test("and none is without a case", () => {
    const covered = new Set(opCases.map(({ op }) => op));
    expect([...opTable.keys()].filter((name) => !covered.has(name))).toEqual([]);
  });
});
