import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8").trim();

test("the example of the documentation is the one that runs here, with the output that it has", async () => {
  const [code, output] = [...read("../../../../docs/engine-tfjs.md").matchAll(/```\w+\n([\s\S]*?)```/g)].map((match) =>
    match[1]!.trim(),
  );
  expect(code).toBe(read("./fixtures/example.ts"));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...parts) => void lines.push(parts.join(" ")));
  await import("./fixtures/example.ts");
  log.mockRestore();
  expect(lines.join("\n")).toBe(output);
});
