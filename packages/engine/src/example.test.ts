import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

test("the example of docs/engine.md is this code and prints what it says", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...parts) => void lines.push(parts.join(" ")));
  await import("./fixtures/example.ts");
  log.mockRestore();
  const [, code, printed] = /```ts\n(.*?)```\n\nprints\n\n((?: {4}[^\n]*\n)+)/s.exec(read("../../../docs/engine.md"))!;
  expect(code).toBe(read("./fixtures/example.ts"));
  expect(printed!.trimEnd().split("\n")).toEqual(lines.map((line) => `    ${line}`));
});
