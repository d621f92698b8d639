import { expect, test } from "vitest";
import { definePlugin, type Plugin, pluginMembers } from "./plugin.ts";
import { gaussian } from "./priors/gaussian.ts";

const priors = { gaussian: () => gaussian() };
const made = (plugin: object): Plugin => definePlugin(plugin as Plugin);

test("a plugin comes back as it is", () => {
  const plugin = { specVersion: 1, name: "mine", priors, flags: ["weather"] } as const;
  expect(definePlugin(plugin)).toBe(plugin);
});

test("a plugin of another version is refused, with the versions that are taken", () => {
  for (const specVersion of [2, 0, "1", null]) {
    const attempt = (): Plugin => made({ specVersion, name: "mine", priors });
    expect(attempt).toThrow(expect.objectContaining({ code: "plugin-version" }));
    expect(attempt).toThrow(
      `version ${JSON.stringify(specVersion)} of the plugin contract, and this core takes version 1`,
    );
  }
});

test.each([
  [null, "must be the result of definePlugin"],
  [[], "must be the result of definePlugin"],
  [{ name: "mine" }, "must be the result of definePlugin"],
  [{ specVersion: 1 }, "it has no name"],
  [{ specVersion: 1, name: "My Prior" }, 'its name "My Prior" is not of lower-case letters'],
  [{ specVersion: 1, name: "a/b" }, 'its name "a/b"'],
  [
    { specVersion: 1, name: "mine", prior: priors },
    'it has a member "prior". Allowed: specVersion, name, flags, domains',
  ],
  [{ specVersion: 1, name: "mine", priors: [] }, 'its "priors" must be factories by name'],
  [{ specVersion: 1, name: "mine", priors: { gaussian: gaussian() } }, '"gaussian" under "priors" must be a function'],
  [{ specVersion: 1, name: "mine", priors: { "a/b": gaussian } }, '"a/b" under "priors"'],
  [{ specVersion: 1, name: "mine", flags: "labels" }, 'its "flags" must be a list of names'],
])("%j is no plugin", (value, words) => {
  const attempt = (): Plugin => made(value as object);
  expect(attempt).toThrow(expect.objectContaining({ code: "not-a-plugin" }));
  expect(attempt).toThrow(words);
});

test("every member of the contract is checked", () => {
  for (const member of pluginMembers) {
    expect(() => made({ specVersion: 1, name: "mine", [member]: { odd: 7 } })).toThrow(`"odd" under "${member}"`);
  }
});
