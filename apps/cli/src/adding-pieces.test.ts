import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "./fixtures/scratch.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

test.each(["adding-a-prior", "adding-a-model", "adding-an-attack"])("the guide %s shows its file as it is", (guide) => {
  const page = read(`docs/${guide}.md`);
  expect(page).toContain(`\`\`\`js\n${read(`examples/${guide}.js`).trimEnd()}\n\`\`\``);
});

test.each([
  ["adding-a-prior", 9],
  ["adding-a-model", 6],
  ["adding-an-attack", 8],
])("the piece of the guide %s obeys its %i laws", async (guide, laws) => {
  const file = join(root, "examples", `${guide}.js`);
  const { code, out } = await scratch().run(["laws", file, "--runs", "1", "--json"]);
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ event: "summary", pieces: 1, held: laws, broken: 0, skipped: 0 });
  expect(code).toBe(0);
});

test("the guide to priors shows its audit as it is", () => {
  expect(read("docs/adding-a-prior.md")).toContain(
    `\`\`\`yaml\n${read("examples/adding-a-prior.yaml").trimEnd()}\n\`\`\``,
  );
});
