import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installedPackage, installedPackages } from "./installed-package.ts";

test("a package is found from the working directory", () => {
  expect(existsSync(join(installedPackage("vitest", "this test"), "package.json"))).toBe(true);
});

test("one that is missing is asked for by name", () => {
  const attempt = (): string => installedPackage("@nobody/nothing", "numbers");
  expect(attempt).toThrow(expect.objectContaining({ code: "missing-package" }));
  expect(attempt).toThrow(
    /^numbers needs the package @nobody\/nothing, which is not installed for .*npm install @nobody\/nothing$/,
  );
});

test("several that are missing are asked for in one command, without those that are there", () => {
  const attempt = (): readonly string[] => installedPackages(["@nobody/a", "vitest", "@nobody/b"], "numbers");
  expect(attempt).toThrow(/numbers needs 2 packages .*npm install @nobody\/a @nobody\/b$/);
});
