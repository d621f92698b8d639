import { readFileSync } from "node:fs";
import type { DataToFit } from "@recon/core";
import { expect, test } from "vitest";
import plugin, { seriesDomain } from "./index.ts";

const data: DataToFit = { input: [24, 1], classes: 6, domain: seriesDomain({ observed: 24, horizon: 6, period: 12 }) };

/** Options without which a piece cannot be made. */
const needed: Readonly<Record<string, { readonly [option: string]: string | number | { readonly data: string } }>> = {
  csv: { path: "load.csv" },
  folder: { path: "load.csv" },
  periodicity: { period: 24 },
  "quantile-inversion": { auxiliary: { data: "us-births" } },
  "prior-only": { auxiliary: { data: "us-births" } },
};
/** A path alone is read as a table. */
const named = (name: string): string => (name === "folder" ? "csv" : name);

test("every model is built for the data it is given, with names and options that survive JSON", () => {
  for (const [name, factory] of Object.entries(plugin.models!)) {
    const model = factory({}, data);
    expect(model.name).toBe(name);
    expect(model.input).toEqual({ shape: [24, 1] });
    expect(factory(JSON.parse(JSON.stringify(model.options)), data).parameters).toEqual(model.parameters);
  }
});

test("every source and prior can be made again from its own options", () => {
  for (const [name, factory] of Object.entries({ ...plugin.data, ...plugin.priors })) {
    const made = factory(needed[name] ?? {});
    expect(made.name).toBe(named(name));
    expect(factory(JSON.parse(JSON.stringify(made.options))).options).toEqual(made.options);
  }
});

test("every attack has its name and a citation", () => {
  for (const [name, factory] of Object.entries(plugin.attacks!)) {
    const attack = factory(needed[name] ?? {}, { priors: [] });
    expect(attack.name).toBe(name);
    expect(attack.cite.length).toBeGreaterThan(3);
  }
});

test("an unknown option is refused by name, whatever the piece", () => {
  const refusal = expect.objectContaining({
    code: "bad-option",
    message: expect.stringContaining('"nonsense"'),
  });
  for (const [name, factory] of Object.entries({ ...plugin.data, ...plugin.priors }))
    expect(() => factory({ ...needed[name], nonsense: 1 })).toThrow(refusal);
  for (const factory of Object.values(plugin.models!)) expect(() => factory({ nonsense: 1 }, data)).toThrow(refusal);
  for (const [name, factory] of Object.entries(plugin.attacks!))
    expect(() => factory({ ...needed[name], nonsense: 1 }, { priors: [] })).toThrow(refusal);
});

test("the README names every source, model, prior, attack and metric", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const pieces = ["data", "models", "priors", "attacks"] as const;
  const names = pieces.flatMap((kind) => Object.keys(plugin[kind] ?? {}));
  for (const name of [...names, ...data.domain.metrics.map((metric) => metric.name)])
    expect(readme).toContain(`\`${name}\``);
});
