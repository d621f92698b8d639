import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReconError } from "@recon/core";
import { expect, test } from "vitest";
import { readAuditFile } from "./read-audit-file.ts";

const folder = mkdtempSync(join(tmpdir(), "recon-audit-file-"));

function read(text: string | Uint8Array) {
  writeFileSync(join(folder, "case.yaml"), text);
  return readAuditFile(join(folder, "case.yaml"), folder);
}

function refusal(text: string | Uint8Array): { code: string; message: string } {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ReconError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("the file was accepted");
}

const good = "model: mlp\ndata: mnist\n";

test("fills in every default", () => {
  expect(read(good).audit).toEqual({
    use: [],
    kind: "gradient",
    mode: "train",
    model: "mlp",
    data: "mnist",
    batch: 1,
    defences: [],
    priors: [],
    attacks: "auto",
    known: ["default"],
    seeds: 1,
    on_error: "refuse",
    observation: "float32",
  });
});

test("a training says how many steps, and need not say more", () => {
  expect(read(`${good}training: { steps: 300 }\n`).audit.training).toEqual({ steps: 300, batch: 32, rate: 0.001 });
});

test.each([
  [
    "an unknown key",
    `${good}batsh: 4\n`,
    ['case.yaml:3: batsh: unknown key; did you mean "batch"? allowed: use, title'],
  ],
  ["a wrong type", `${good}batch: four\n`, ['case.yaml:3: batch: found "four"; allowed: a whole number of at least 1']],
  ["a fraction", `${good}\n\nbatch: 1.5\n`, ["case.yaml:5: batch: found 1.5; allowed: a whole number of at least 1"]],
  ["a missing key", "model: mlp\n", ["case.yaml:1: data: is missing; allowed: a name, a map"]],
  ["an empty file", "", ["model: is missing", "data: is missing"]],
  ["a list instead of a map", "- a\n", ["case.yaml:1: found a list; allowed: a map of keys"]],
  ["nothing after a key", `${good}title:\n`, ["case.yaml:3: title: found nothing; allowed: some text"]],
  [
    "another kind",
    `${good}kind: logits\n`,
    ['case.yaml:3: kind: found "logits"; allowed: gradient, update or weights'],
  ],
  ["no step", `${good}steps: 0\n`, ["case.yaml:3: steps: found 0; allowed: a whole number of at least 1"]],
  ["a step size of zero", `${good}rate: 0\n`, ["case.yaml:3: rate: found 0; allowed: a number above 0"]],
  [
    "a training without its number of steps",
    `${good}training: { batch: 8 }\n`,
    ["case.yaml:3: training.steps: is missing; allowed: a whole number of at least 1"],
  ],
  [
    "a training that does not train",
    `${good}training: { steps: 0, rate: -1 }\n`,
    ["training.steps: found 0; allowed: a whole number", "training.rate: found -1; allowed: a number above 0"],
  ],
  [
    "the keys of the training of a comparison of defences",
    `${good}training: { steps: 5, rates: [1] }\n`,
    ['training.rates: unknown key; did you mean "rate"? allowed: steps, batch, rate'],
  ],
  [
    "a number as training",
    `${good}training: 300\n`,
    ["training: found 300; allowed: a map with the keys steps, batch"],
  ],
  [
    "a sweep of two options",
    `${good}evaluate:\n  defences:\n    - { name: a, sweep: { b: [1], c: [2] } }\n`,
    ["case.yaml:5: evaluate.defences[0].sweep: ", "one option with its values, from weak to strong"],
  ],
  ["no defence to compare", `${good}evaluate: { defences: [] }\n`, ["evaluate.defences: ", "at least one defence"]],
  [
    "a model file",
    "model: { file: net.onnx }\ndata: mnist\n",
    ["case.yaml:1: model.file: models from files are not in this version"],
  ],
  [
    "a slip inside a part",
    "model:\n  name: mlp\n  optoins: {}\ndata: mnist\n",
    ['case.yaml:3: model.optoins: unknown key; did you mean "options"? allowed: name, options'],
  ],
  [
    "a slip inside a list",
    `${good}defences:\n  - clip\n  - name: 7\n`,
    ["case.yaml:5: defences[1].name: found 7; allowed: some text"],
  ],
  ["a list as a part", "model: [mlp]\ndata: mnist\n", ["case.yaml:1: model: found a list; allowed: a name, or a map"]],
  [
    "a list as a map",
    `${good}domain: [0, 1]\n`,
    ["case.yaml:3: domain: found a list; allowed: a map with the keys kind"],
  ],
  ["no attack", `${good}attacks: []\n`, ["attacks: found an empty list; allowed: at least one attack"]],
  ["an attack alone", `${good}attacks: dlg\n`, ['attacks: found "dlg"; allowed: auto, or a list of attacks']],
  [
    "a time limit",
    `${good}budget: { time_limit: soon }\n`,
    ['budget.time_limit: found "soon"; allowed: a time such as'],
  ],
  [
    "an infinite option",
    "model: mlp\ndata:\n  name: mnist\n  options: { size: .inf }\n",
    ["case.yaml:4: data.options.size: found Infinity"],
  ],
])("refuses %s by key and line", (_what, text, words) => {
  const { code, message } = refusal(text);
  expect(code).toBe("bad-audit-file");
  for (const word of words) expect(message).toContain(word);
});

test("lists several problems together, in the order of the file", () => {
  const { message } = refusal("model: mlp\nbatch: 0\ndata: mnist\nseeds: many\nlos: mse\n");
  expect(message.split("\n").map((line) => line.trim())).toEqual([
    "3 problems in case.yaml:",
    "case.yaml:2: batch: found 0; allowed: a whole number of at least 1",
    'case.yaml:4: seeds: found "many"; allowed: a whole number of at least 1',
    expect.stringContaining('case.yaml:5: los: unknown key; did you mean "loss"?'),
  ]);
});

test.each([
  ["a broken line", "model: [mlp\ndata: mnist\n", "not-yaml", "case.yaml:"],
  ["a key twice", "model: a\nmodel: b\n", "not-yaml", "case.yaml:2"],
])("says where the YAML has %s", (_what, text, code, where) => {
  const refused = refusal(text);
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(where);
});

test("says that a file is missing, a folder, or too large", () => {
  expect(() => readAuditFile(join(folder, "absent.yaml"), folder)).toThrow("There is no file absent.yaml");
  expect(() => readAuditFile(folder, join(folder, ".."))).toThrow("it is a folder");
  expect(refusal(Buffer.alloc(2 * 1024 * 1024, 32)).message).toContain("larger than 1 MiB");
});

test("refuses the thousandfold alias instead of unfolding it", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  expect(refusal(bomb.join("\n")).message).toContain("aliases cannot be followed");
});
