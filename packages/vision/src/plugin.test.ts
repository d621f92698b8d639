import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import plugin, { imageDomain } from "./index.ts";

const data = { input: [3, 32, 32], classes: 10, domain: imageDomain() };

test("every model is built for the data it is given, with names and options that survive JSON", () => {
  for (const [name, factory] of Object.entries(plugin.models!)) {
    const model = factory({}, data);
    expect(model.name).toBe(name);
    expect(model.input.shape).toEqual(data.input);
    const again = factory(JSON.parse(JSON.stringify(model.options)), data);
    expect(again.parameters).toEqual(model.parameters);
  }
});

test("every source and prior can be made again from its own options", () => {
  for (const [name, factory] of Object.entries({ ...plugin.data, ...plugin.priors })) {
    const made = factory(name === "folder" ? { path: "images" } : {});
    expect(made.name).toBe(name);
    expect(factory(JSON.parse(JSON.stringify(made.options))).options).toEqual(made.options);
  }
});

test("an unknown option is refused by name, whatever the piece", () => {
  for (const factory of Object.values({ ...plugin.data, ...plugin.priors })) {
    expect(() => factory({ nonsense: 1 })).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining('"nonsense"') }),
    );
  }
  for (const factory of Object.values(plugin.models!)) {
    expect(() => factory({ nonsense: 1 }, data)).toThrow(expect.objectContaining({ code: "bad-option" }));
  }
});

test("the README's table names every piece", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const kind of ["data", "models", "priors", "attacks"] as const) {
    for (const name of Object.keys(plugin[kind] ?? {})) expect(readme).toContain(`\`${name}\``);
  }
});
