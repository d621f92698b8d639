import { expect, test } from "vitest";
import { evaluationFile, isEvaluationFile } from "./evaluation-file.ts";

test("names a file for every id, short, safe and told apart", () => {
  expect(evaluationFile("lenet")).toBe("evaluation-lenet.json");
  const hostile = ["../../etc", "a/b", "a b", "a\0b", "x".repeat(300), "y".repeat(300), ""];
  const names = hostile.map(evaluationFile);
  for (const name of names) {
    expect(isEvaluationFile(name)).toBe(true);
    expect(name.length).toBeLessThan(120);
  }
  expect(new Set(names).size).toBe(hostile.length);
});
