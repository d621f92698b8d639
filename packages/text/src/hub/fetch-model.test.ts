import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rng } from "@recon/core";
import { silenceRuntime } from "@recon/engine";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { bert } from "../models/bert.ts";
import { bertConfiguration, writeModelFolder } from "../models/fixtures/model-folder.ts";
import { textData } from "../models/fixtures/text-batch.ts";
import { tokenizerOf } from "../tokenizers/tokenizer-of.ts";
import { fetchModel } from "./fetch-model.ts";
import { fetchedFolder } from "./fetched-folder.ts";

silenceRuntime();
const { env } = await import("@xenova/transformers");

const root = mkdtempSync(join(tmpdir(), "recon-hub-"));
const published = join(root, "published");
const pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "food", "##s"];
const usual = {
  remoteHost: env.remoteHost,
  localModelPath: env.localModelPath,
  allowRemoteModels: env.allowRemoteModels,
};

/** A hub on this machine: one model, one without weights, and one that is kept from the public. */
const asked: string[] = [];
const hub: Server = createServer((request, response) => {
  asked.push(request.url!);
  const [, owner, model, , , file] = request.url!.split("/") as string[];
  if (owner === "secret") return response.writeHead(403).end();
  const path = join(published, file!);
  if (model === "no-weights" && file === "model.safetensors") return response.writeHead(404).end();
  return existsSync(path) ? response.end(readFileSync(path)) : response.writeHead(404).end();
});

const tables = textData(
  { name: "none", pieces, special: new Set(), encode: () => [], decode: () => "" },
  { maxLength: 5 },
);
const weights = bert({ layers: 1, width: 4, heads: 2, hidden: 6, positions: 5, std: 0.4 }, tables).init(
  rng("published"),
);

beforeAll(async () => {
  mkdirSync(published);
  writeModelFolder(published, { config: bertConfiguration, weights });
  writeFileSync(join(published, "vocab.txt"), pieces.join("\n"));
  await new Promise<void>((done) => {
    hub.listen(0, "127.0.0.1", done);
  });
});

afterAll(async () => {
  Object.assign(env, usual);
  await new Promise((done) => hub.close(done));
  rmSync(root, { recursive: true });
});

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(root, "cache-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
  asked.length = 0;
  const { port } = hub.address() as AddressInfo;
  Object.assign(env, {
    remoteHost: `http://127.0.0.1:${port}/`,
    localModelPath: join(root, "local"),
    allowRemoteModels: true,
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.doUnmock("@xenova/transformers");
});

test("a model is fetched once; then its name is enough for tokenizer and weights, without a network", async () => {
  expect(() => fetchedFolder("bert", "ours/tiny")).toThrow(
    expect.objectContaining({ code: "not-fetched", message: expect.stringContaining('fetchModel("ours/tiny")') }),
  );
  const folder = await fetchModel("ours/tiny", { revision: "v1/a" });
  expect(folder.startsWith(cache)).toBe(true);
  expect(asked).toContain("/ours/tiny/resolve/v1%2Fa/model.safetensors");
  asked.length = 0;
  const tokenizer = tokenizerOf({ hub: "ours/tiny" });
  expect(tokenizer.encode("Good foods")).toEqual([2, 4, 5, 6, 3]);
  expect(bert({ hub: "ours/tiny" }, textData(tokenizer, { maxLength: 5 })).init(rng(1))).toEqual(weights);
  await fetchModel("ours/tiny");
  expect(asked.filter((url) => /config.json|safetensors|vocab/.test(url) && !/tokenizer/.test(url))).toEqual([]);
  expect(readdirSync(folder).filter((file) => file.includes("partial"))).toEqual([]);
});

test("files of the library's local models are taken before the network is asked", async () => {
  const local = join(root, "local", "ours", "at-home");
  mkdirSync(local, { recursive: true });
  for (const file of readdirSync(published)) writeFileSync(join(local, file), readFileSync(join(published, file)));
  env.allowRemoteModels = false;
  const folder = await fetchModel("ours/at-home", { folder: join(cache, "chosen") });
  expect(folder).toBe(join(cache, "chosen"));
  expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors", "vocab.txt"]);
  await expect(fetchModel("ours/elsewhere")).rejects.toMatchObject({ code: "hub-unreachable" });
  expect(asked).toEqual([]);
});

test("a model without safetensors is refused, and does not count as fetched", async () => {
  await expect(fetchModel("ours/no-weights")).rejects.toMatchObject({
    code: "model-folder",
    message: expect.stringContaining("model.safetensors"),
  });
  expect(() => fetchedFolder("bert", "ours/no-weights")).toThrow(expect.objectContaining({ code: "not-fetched" }));
});

test("what cannot be reached says what it was and what to do", async () => {
  await expect(fetchModel("secret/model")).rejects.toMatchObject({
    code: "hub-unreachable",
    message: expect.stringMatching(/403.*"folder"/),
  });
  env.remoteHost = "http://127.0.0.1:1/";
  await expect(fetchModel("ours/tiny")).rejects.toMatchObject({ code: "hub-unreachable" });
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(fetchModel("ours/tiny", { signal: stopped })).rejects.toThrow("stopped");
});

test.each(["../../etc", "a/b/c", "", "a//b", ".hidden/x", "a/..", "a b"])("%j is no name of a model", async (name) => {
  await expect(fetchModel(name, { folder: cache })).rejects.toMatchObject({ code: "bad-option" });
  expect(() => fetchedFolder("bert", name)).toThrow(expect.objectContaining({ code: "bad-option" }));
});

test("without the package it says what to install", async () => {
  vi.doMock("@xenova/transformers", () => {
    throw new Error("Cannot find package");
  });
  await expect(fetchModel("ours/tiny")).rejects.toMatchObject({
    code: "missing-package",
    message: expect.stringContaining("npm install @xenova/transformers"),
  });
});
