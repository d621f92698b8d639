import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { dots, scratch } from "../fixtures/scratch.ts";

const pieces = join(dirname(dots), "pieces.js");

test("tries every piece, says what is broken with the seed that repeats it, and ends with 3", async () => {
  const { code, out, said } = await scratch().run(["laws", pieces, "--runs", "1"]);
  const text = out.join("\n");
  expect(text).toMatch(/priors +sound +9 of 9 +held +energy, items of \[8\]/);
  expect(text).toMatch(/priors +off-by-two +8 of 9 +BROKEN/);
  expect(text).toMatch(/priors +needy +- +skipped +needy: option "weight" is required/);
  expect(text).toContain("off-by-two: the gradient agrees with finite differences");
  expect(text).toContain("again: --only off-by-two --seed 1 --runs 1");
  expect(said).toBe("");
  expect(code).toBe(3);
});

test("sound pieces end with 0, as JSON lines too", async () => {
  const { code, out } = await scratch().run(["laws", pieces, "--only", "sound,blurred", "--runs", "1", "--json"]);
  const lines = out.map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ event: "summary", plugin: "pieces", pieces: 2, broken: 0, skipped: 0 });
  expect(lines[0].laws.every((law: { held: boolean }) => law.held)).toBe(true);
  expect(code).toBe(0);
});

test("a piece that needs options is tried with those that are given, on the shape that is given", async () => {
  const { code, out } = await scratch().run([
    "laws",
    pieces,
    "--only",
    "needy",
    "--options",
    '{"weight": 2}',
    "--shape",
    "2,3",
    "--runs",
    "1",
  ]);
  expect(out.join("\n")).toMatch(/priors +needy +9 of 9 +held +energy, items of \[2, 3\]/);
  expect(code).toBe(0);
});

test.each([
  [["laws", "recon-prior-nothing"], "npm install recon-prior-nothing"],
  [["laws", pieces, "--only", "nothing"], "it has no such piece"],
  [["laws", pieces, "--only", "needy"], "no law of"],
  [["laws", pieces, "--shape", "3,x"], "whole numbers above 0"],
  [["laws", pieces, "--options", "[]"], "a JSON object"],
  [["laws", pieces, "--runs", "0"], "at least 1"],
])("refuses %j in words", async (args, words) => {
  const { code, said } = await scratch().run(args);
  expect(said).toContain(words);
  expect(code).toBe(2);
});

test("help gives examples", async () => {
  const { code, out } = await scratch().run(["laws", "--help"]);
  expect(out.join("\n")).toContain("recon laws recon-prior-edges --shape 1,28,28");
  expect(code).toBe(0);
});
