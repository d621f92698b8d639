import { readFileSync } from "node:fs";
import type { DataToFit } from "@recon/core";
import { expect, test } from "vitest";
import plugin, { sentencePiece, textDomain } from "./index.ts";

const domain = textDomain({ tokenizer: sentencePiece(), maxLength: 16 });
const data: DataToFit = { input: [9], classes: 3, domain };

test("every model is built for the data it is given, with names and options that survive JSON", () => {
  for (const [name, factory] of Object.entries(plugin.models!)) {
    const model = factory({}, data);
    expect(model.name).toBe(name);
    // The longest text that is possible, not the one at hand.
    expect(model.input).toEqual({ shape: [16], varies: [0], discrete: true });
    expect(factory(JSON.parse(JSON.stringify(model.options)), data).parameters).toEqual(model.parameters);
  }
});

test("every source and prior can be made again from its own options", () => {
  for (const [name, factory] of Object.entries({ ...plugin.data, ...plugin.priors })) {
    const made = factory(name === "folder" ? { path: "texts.txt" } : {});
    expect(made.name).toBe(name);
    expect(factory(JSON.parse(JSON.stringify(made.options))).options).toEqual(made.options);
  }
});

test("every attack has its name and a citation", () => {
  for (const [name, factory] of Object.entries(plugin.attacks!)) {
    const attack = factory({}, { priors: [] });
    expect(attack.name).toBe(name);
    expect(attack.cite.length).toBeGreaterThan(3);
  }
});

test("an unknown option is refused by name, whatever the piece", () => {
  for (const factory of Object.values({ ...plugin.data, ...plugin.priors })) {
    expect(() => factory({ nonsense: 1 })).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining('"nonsense"') }),
    );
  }
  for (const factory of Object.values(plugin.models!))
    expect(() => factory({ nonsense: 1 }, data)).toThrow(expect.objectContaining({ code: "bad-option" }));
});

test("the README names every source, model and prior", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const kind of ["data", "models", "priors"] as const) {
    for (const name of Object.keys(plugin[kind] ?? {})) expect(readme).toContain(`\`${name}\``);
  }
});
