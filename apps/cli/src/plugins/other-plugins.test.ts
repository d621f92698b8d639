import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { dots, scratch } from "../fixtures/scratch.ts";

const plain = "model: line\ndata: dots\n";
const rings = join(dirname(dots), "rings.js");

describe("packages that an audit file does not name", () => {
  test("are named on the command line, and the record of the run names them", async () => {
    const { folder, run } = scratch({ "a.yaml": plain });
    expect((await run(["audit", "a.yaml", "--use", dots, "--out", "run"])).code).toBe(0);
    const record = JSON.parse(readFileSync(join(folder, "run", "run.json"), "utf8"));
    expect(record.scenarios[0].audit.use).toEqual([dots]);
  });

  test("are not loaded twice where the file names them too", async () => {
    const { run } = scratch({ "a.yaml": `use: [${dots}]\n${plain}` });
    expect((await run(["audit", "a.yaml", "--check", "--use", dots, "--use", dots])).code).toBe(0);
  });

  test("are handed over as values by recon.config.js", async () => {
    const { folder, run } = scratch({
      "a.yaml": plain,
      "recon.config.mjs": `import dots from ${JSON.stringify(dots)};\nexport default { plugins: [dots] };\n`,
    });
    expect((await run(["audit", "a.yaml", "--out", "run"])).code).toBe(0);
    expect(readdirSync(folder)).toContain("run");
  });

  test("are handed over by name by recon.config.js", async () => {
    const { run } = scratch({
      "a.yaml": plain,
      "recon.config.mjs": `export default { plugins: [${JSON.stringify(dots)}] };\n`,
    });
    expect((await run(["audit", "a.yaml", "--check"])).code).toBe(0);
  });

  test("may be named by a TypeScript file where jiti is installed", async () => {
    const files = { "a.yaml": plain, "recon.config.ts": "export default {};" };
    const { code, said } = await scratch(files).run(["audit", "a.yaml", "--check"]);
    expect(code).toBe(2);
    expect(said).toContain("npm install jiti, or write it as recon.config.js");
    const jiti = `export const createJiti = () => ({ import: async () => ({ plugins: [${JSON.stringify(dots)}] }) });`;
    const { run } = scratch({
      ...files,
      "node_modules/jiti/package.json": '{ "name": "jiti", "type": "module", "exports": "./index.js" }',
      "node_modules/jiti/index.js": jiti,
    });
    expect((await run(["audit", "a.yaml", "--check"])).code).toBe(0);
  });
});

test.each([
  ["a configuration that holds no plugins", "export default { plugin: [] };", "must be { plugins: [...] }"],
  ["a configuration that does not load", "throw new Error('no disk');", "recon.config.mjs does not load: no disk"],
  ["a value that is no plugin", "export default { plugins: [7] };", "recon.config.mjs: plugins[0] is not a plugin"],
  [
    "a plugin of another version",
    `export default { plugins: [{ specVersion: 2, name: "future" }] };`,
    "written for version 2 of the plugin contract, and this core takes version 1",
  ],
  [
    "two plugins of one name",
    `import dots from ${JSON.stringify(dots)};\nexport default { plugins: [dots, { ...dots }] };`,
    '"recon.config.mjs" and "recon.config.mjs" both call themselves "dots"',
  ],
  [
    "a plugin that calls itself as another does",
    `import rings from ${JSON.stringify(rings)};\nexport default { plugins: [${JSON.stringify(dots)}, { ...rings, name: "dots" }] };`,
    `"${dots}" and "recon.config.mjs" both call themselves "dots"`,
  ],
  [
    "a plugin that calls itself core",
    `export default { plugins: [{ specVersion: 1, name: "core" }] };`,
    '"@recon/core" and "recon.config.mjs" both call themselves "core"',
  ],
])("refuses %s", async (_what, config, words) => {
  const { run } = scratch({ "a.yaml": plain, "recon.config.mjs": config });
  const { code, said } = await run(["audit", "a.yaml", "--check"]);
  expect(said).toContain(words);
  expect(code).toBe(2);
  expect(said).not.toMatch(/\n\s+at /);
});
