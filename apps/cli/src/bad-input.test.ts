import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { dots, scratch, sound } from "./fixtures/scratch.ts";

const fixture = (name: string): string => join(dirname(dots), name);

test.each([
  [
    "an unknown model",
    `use: [${dots}]\nmodel: lien\ndata: dots\n`,
    'a.yaml:2: model: there is no model "lien" (loaded: core, dots); did you mean "line"? allowed: line',
  ],
  ["an unknown attack", `${sound}attacks: [ratoi]\n`, 'a.yaml:4: attacks[0]: there is no attack "ratoi"'],
  ["an unknown defence", `${sound}defences: [clip-nrom]\n`, 'did you mean "clip-norm"?'],
  [
    "an unknown flag",
    `${sound}known:\n  - default\n  - spacign\n`,
    'a.yaml:6: known[1]: found "spacign"; did you mean "spacing"? allowed: default, activeServer',
  ],
  ["a flag that gives the truth away", `${sound}known: [trueMatching]\n`, 'known[0]: found "trueMatching"'],
  [
    "a bad option",
    `use: [${dots}]\nmodel: line\ndata:\n  name: dots\n  options:\n    count: 8\n    colour: red\n`,
    'a.yaml:7: data.options.colour: dots: there is no option "colour"',
  ],
  [
    "too few items",
    `use: [${dots}]\nmodel: line\nbatch: 4\ndata: { name: dots, options: { count: 3 } }\n`,
    "a.yaml:3: batch: found 4; the data holds 3 usable items",
  ],
  [
    "noise without a scale",
    `${sound}defences: [gaussian-noise]\n`,
    'needs exactly one of the options "std" and "rel_noise"',
  ],
  [
    "a clip bound of zero",
    `${sound}defences: [{ name: clip-per-sample, options: { threshold: 0 } }]\n`,
    'Option "threshold" of defence "clip-per-sample" must be a number above 0, not 0',
  ],
  [
    "a swept strength that the defence cannot have",
    `${sound}evaluate: { defences: [{ name: prune-magnitude, sweep: { rate: [0.5, 1.5] } }] }\n`,
    'a.yaml:4: evaluate.defences[0].options.rate: Option "rate" of defence "prune-magnitude" must be a number from 0 to 1',
  ],
  [
    "an epsilon for a defence that has none",
    `${sound}evaluate: { defences: [{ name: gaussian-noise, sweep: { std: [0.1] }, epsilons: [1] }] }\n`,
    "Noise without clipping has no epsilon",
  ],
  [
    "an epsilon that no noise reaches",
    `${sound}evaluate: { defences: [{ name: dp-sgd, options: { clip: 1, batch: message }, sweep: { noise_multiplier: [1] }, epsilons: [0.0001] }] }\n`,
    "No noise reaches epsilon 0.0001",
  ],
  ["an update without a step size", `${sound}kind: update\n`, 'the kind update needs the key "rate"'],
  [
    "a loss that the model has not",
    `${sound}loss: cross-entropy\n`,
    'a.yaml:4: loss: found "cross-entropy"; the model line is trained with mean-squared-error',
  ],
  [
    "a training for which the trials leave no item",
    `use: [${dots}]\nmodel: line\ndata: dots\nseeds: 8\ntraining: { steps: 1 }\n`,
    "a.yaml:5: training: found 8 trials with a batch of 1, which draw all 8 items of the data: none is left to train on",
  ],
  [
    "sizes that do not fit",
    `use: [${dots}]\nmodel: { name: line, options: { features: 7 } }\ndata: dots\n`,
    "takes inputs of shape [7], the data has [3]",
  ],
  [
    "a package that is not there",
    "use: [nowhere-to-be-found]\nmodel: a\ndata: b\n",
    "npm install @recon/nowhere-to-be-found",
  ],
  [
    "somebody's package that is not there",
    "use: [recon-prior-nothing]\nmodel: a\ndata: b\n",
    "npm install recon-prior-nothing",
  ],
  [
    "a file that is not there",
    "use: [./mine.js]\nmodel: a\ndata: b\n",
    'a.yaml:1: use[0]: "./mine.js" cannot be loaded. There is no file ./mine.js',
  ],
  [
    "a plugin of another version",
    `use: [${fixture("future.js")}]\nmodel: a\ndata: b\n`,
    "written for version 2 of the plugin contract",
  ],
  [
    "a module that is no plugin",
    `use: [${fixture("nameless.js")}]\nmodel: a\ndata: b\n`,
    "it must be the result of definePlugin",
  ],
  [
    "a plugin that does not load",
    `use: [${fixture("broken.js")}]\nmodel: a\ndata: b\n`,
    "it does not load: a licence file is missing",
  ],
  [
    "one package twice",
    `use: [${dots}, ${dots}]\nmodel: line\ndata: dots\n`,
    `"${dots}" and "${dots}" both call themselves "dots"`,
  ],
  [
    "a name that two packages have",
    `use: [${dots}, ${fixture("rings.js")}]\nmodel: line\ndata: dots\n`,
    "write dots/line or rings/line",
  ],
])("refuses %s without a stack trace and without a run folder", async (_what, text, words) => {
  const { folder, run } = scratch({ "a.yaml": text });
  const { code, said } = await run(["audit", "a.yaml", "--out", "run"]);
  expect(said).toContain(words);
  expect(code).toBe(2);
  expect(said).not.toMatch(/\n\s+at /);
  expect(existsSync(join(folder, "run"))).toBe(false);
});

test("pruning everything is allowed, and said to leave nothing to attack", async () => {
  const { run } = scratch({ "a.yaml": `${sound}defences: [{ name: prune-magnitude, options: { rate: 1 } }]\n` });
  const { code, said, out } = await run(["audit", "a.yaml"]);
  expect(code).toBeLessThan(4);
  expect(said + out).not.toMatch(/NaN|TypeError/);
});

test("the kind update is a victim like any other", async () => {
  const { run } = scratch({ "a.yaml": `${sound}kind: update\nsteps: 3\nrate: 0.1\n` });
  expect((await run(["audit", "a.yaml"])).code).toBeLessThan(4);
});

test("a trained victim is said to be one, and differs from one that is not", async () => {
  const observed = async (training: string): Promise<{ said: string; norm: number }> => {
    const { run } = scratch({ "a.yaml": `${sound}${training}` });
    const { said, out, code } = await run(["audit", "a.yaml", "--json"]);
    expect(code).toBe(0);
    const result = out.map((line) => JSON.parse(line)).find((line) => line.observed !== undefined);
    return { said, norm: result.observed.norm };
  };
  const [plain, trained] = [await observed(""), await observed("training: { steps: 40, batch: 4, rate: 0.05 }\n")];
  expect(trained.said).toContain("8 weights trained for 40 steps");
  expect(plain.said).not.toContain("trained for");
  // 40 steps towards the target leave less to learn.
  expect(trained.norm).toBeLessThan(0.5 * plain.norm);
});

test("a name in full says which of two is meant", async () => {
  const { run } = scratch({ "a.yaml": `use: [${dots}, ${fixture("rings.js")}]\nmodel: dots/line\ndata: dots\n` });
  expect((await run(["audit", "a.yaml"])).code).toBe(0);
});

test("says several things at once", async () => {
  const { run } = scratch({ "a.yaml": `use: [${dots}]\nmodel: lien\ndata: dost\nattacks: [ratoi]\nknown: [lables]\n` });
  const { said } = await run(["audit", "a.yaml"]);
  expect(said).toContain("4 problems in a.yaml");
  for (const word of ["model", "data", "attacks[0]", "known[0]"]) expect(said).toContain(`: ${word}: `);
});

test.each([
  [["audit"], "missing required argument 'files'"],
  [["audit", "absent.yaml"], "There is no file absent.yaml"],
  [["audit", "a.yaml", "--seed", "minus"], "Allowed: a whole number of at least 0"],
  [["audit", "a.yaml", "--sed", "1"], "(Did you mean --seed?)"],
  [["audit", "a.yaml", "--device", "abacus"], "abacus"],
  [["adit"], "(Did you mean audit?)"],
  [["report", "nowhere"], "There is no run in"],
  [["list", "--use", "nowhere-to-be-found"], "npm install @recon/nowhere-to-be-found"],
])("refuses %j by name", async (args, words) => {
  const { run } = scratch({ "a.yaml": sound });
  const { code, said } = await run(args);
  expect(said).toContain(words);
  expect(code).toBe(2);
});

test.each([[["--help"]], [["audit", "--help"]], [["--version"]]])("answers %j with 0", async (args) => {
  const { code, out } = await scratch().run(args);
  expect(code).toBe(0);
  expect(out.join("\n")).toMatch(/recon|^\d/);
});

test("help documents the exit codes and gives examples", async () => {
  const { out } = await scratch().run(["--help"]);
  for (const words of ["recon audit", "130  interrupted", "3    the audit ran"])
    expect(out.join("\n")).toContain(words);
});
