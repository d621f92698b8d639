import { expect, test } from "vitest";
import { rules } from "./rules.mjs";

const manifests = {
  "packages/engine": { name: "@recon/engine" },
  "packages/core": { name: "@recon/core", dependencies: { "@recon/engine": "workspace:*" } },
  "packages/vision": { name: "@recon/vision", dependencies: { "@recon/core": "workspace:*" } },
  "packages/text": { name: "@recon/text", dependencies: { "@recon/core": "workspace:*" } },
  "apps/cli": { name: "@recon/cli", dependencies: { "@recon/core": "workspace:*" } },
};

function tree(files, changes = {}) {
  const packages = Object.entries({ ...manifests, ...changes }).map(([folder, manifest]) => ({
    name: manifest.name,
    folder,
    manifest,
  }));
  return { files, packages };
}

const sound = tree({
  "packages/engine/src/tensor.ts": 'import type { Emitter } from "./emitter.ts";\nexport const tensor = 1;\n',
  "packages/engine/src/emitter.ts": 'import { tensor } from "./tensor.ts";\nexport type Emitter = typeof tensor;\n',
  "packages/core/src/audit.ts":
    'import { tensor } from "@recon/engine";\n// An image would be a sample.\nexport const said = "image";\n',
  "packages/vision/src/psnr.ts": 'import { said } from "@recon/core";\nexport const image = said;\n',
});

test("a sound tree breaks no rule", () => {
  for (const rule of Object.values(rules)) expect(rule(sound)).toEqual([]);
});

const core = (text) => tree({ "packages/core/src/a.ts": text });

test.each([
  [
    "core importing a modality",
    "direction",
    core('import { psnr } from "@recon/vision";\n'),
    "must not import @recon/vision",
  ],
  [
    "core importing a modality's types",
    "direction",
    core('import type { P } from "@recon/vision";\n'),
    "@recon/vision",
  ],
  ["core importing a modality late", "direction", core('const v = await import("@recon/vision");\n'), "@recon/vision"],
  ["core handing on a modality", "direction", core('export * from "@recon/vision";\n'), "@recon/vision"],
  [
    "one modality importing another",
    "direction",
    tree({ "packages/vision/src/a.ts": 'import "@recon/text";\n' }),
    "@recon/text",
  ],
  [
    "the command line importing a modality",
    "direction",
    tree({ "apps/cli/src/a.ts": 'import v from "@recon/vision";\n' }),
    "@recon/vision",
  ],
  [
    "a package.json that points the wrong way",
    "direction",
    tree({}, { "packages/engine": { name: "@recon/engine", dependencies: { "@recon/core": "workspace:*" } } }),
    "packages/engine/package.json: @recon/engine must not depend on @recon/core",
  ],
  [
    "a way around the package's name",
    "direction",
    core('import { t } from "../../engine/src/tensor.ts";\n'),
    "leaves the package",
  ],
  ["an import that nobody declared", "declared", core('import { z } from "zod";\n'), "imports zod"],
  [
    "packages in a circle",
    "cycles",
    tree({}, { "packages/engine": { name: "@recon/engine", dependencies: { "@recon/core": "workspace:*" } } }),
    "packages need each other: @recon/engine -> @recon/core -> @recon/engine",
  ],
  [
    "modules in a circle of three",
    "cycles",
    tree({
      "packages/core/src/a.ts": 'import { b } from "./b.ts";\n',
      "packages/core/src/b.ts": 'export { c } from "./deep/c.ts";\n',
      "packages/core/src/deep/c.ts": 'import { type T, a } from "../a.ts";\n',
    }),
    "a.ts -> packages/core/src/b.ts -> packages/core/src/deep/c.ts -> packages/core/src/a.ts",
  ],
  [
    "a variable that names a modality",
    "modalityNames",
    core("export const imageCount = 1;\n"),
    '"imageCount" names a modality (image)',
  ],
  ["a plural", "modalityNames", core("export function readPixels() {}\n"), "(pixel)"],
  ["a type", "modalityNames", core("interface TokenRow { x: number }\n"), "(token)"],
  ["two words that make one", "modalityNames", core("const nodeFeatures = 1;\n"), "(nodefeature)"],
  ["a name inside a template", "modalityNames", core("const a = `${sentence}`;\n"), "(sentence)"],
  ["a file that is too long", "fileLength", core("x;\n".repeat(301)), "301 lines"],
  ["a file named for nothing", "fileNames", tree({ "packages/core/src/utils.ts": "" }), "utils.ts"],
  [
    "a test of a file named for nothing",
    "fileNames",
    tree({ "packages/core/src/array-helpers.test.ts": "" }),
    "helpers",
  ],
  ["a folder named for nothing", "fileNames", tree({ "packages/core/src/common/rank.ts": "" }), "common"],
  ["randomness without a seed", "seededRandomness", core("const x = Math.random();\n"), "Math.random"],
])("catches %s", (_what, rule, wrong, words) => {
  expect(rules[rule](wrong).join("\n")).toContain(words);
});

test("allows what only looks wrong", () => {
  const text = [
    'import { type A, type B } from "./b.ts"; // types in a circle',
    "const node = 1, features = 2, graph = 3, text = 4;",
    "const ratio = node / features / graph; // 'image'",
    "const pattern = /image\\/[/'\"]token/;",
    'const said = `pixel ${ratio} token ${"sentence"}`;',
    "/* Math.random */ const commonality = 1;",
  ].join("\n");
  const fine = tree({ "packages/core/src/a.ts": text, "packages/core/src/b.ts": 'import { ratio } from "./a.ts";\n' });
  for (const rule of Object.values(rules)) expect(rule(fine)).toEqual([]);
});
