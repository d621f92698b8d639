import type { Discrepancy } from "./discrepancies/discrepancy.ts";
import { ReconError } from "./errors.ts";
import type { Attack, DataSource, Defence, Domain, Flag, Json, Metric, Model, Operator, Prior } from "./problem.ts";
import type { Solver } from "./solvers/solver.ts";

/** Builds a named piece from JSON options. Throws `ReconError` `bad-option` that names the option and what is allowed. */
export type Factory<T> = (options: { readonly [key: string]: Json }) => T;

/** What a model must fit: the shape of its first input, the extent of a target's last axis, and what the data is. */
export interface DataToFit {
  readonly input: readonly number[];
  readonly classes: number;
  readonly domain: Domain;
}

/** A model factory also sees the data that it must fit. */
export type ModelFactory = (options: { readonly [key: string]: Json }, data: DataToFit) => Model;

/** Factories by the names that audit files and commands use. */
type Named<T> = Readonly<Record<string, T>>;

/** An attack factory sees the attacks and priors it may be composed of. */
export interface Plugin {
  /** The version of this contract. A new required member is a new version. */
  readonly specVersion: 1;
  /** In lower case, with hyphens: it stands before a piece's name where two plugins have one, as in `vision/mlp`. */
  readonly name: string;
  readonly domains?: Named<Factory<Domain>>;
  readonly data?: Named<Factory<DataSource>>;
  readonly models?: Named<ModelFactory>;
  readonly operators?: Named<Factory<Operator>>;
  readonly defences?: Named<Factory<Defence>>;
  readonly discrepancies?: Named<Factory<Discrepancy>>;
  readonly priors?: Named<Factory<Prior>>;
  readonly solvers?: Named<Factory<Solver>>;
  /** Priors are passed in by value, so that any prior combines with any attack that takes one. */
  readonly attacks?: Named<
    (options: { readonly [key: string]: Json }, parts: { readonly priors: readonly Prior[] }) => Attack
  >;
  readonly metrics?: Named<Factory<Metric>>;
  /** Knowledge flags this package adds to core's. */
  readonly flags?: readonly Flag[];
}

/** The versions of the contract that this core takes. */
export const specVersions: readonly number[] = [1];

/** The members that hold pieces by name. */
export type PluginMember = Exclude<keyof Plugin, "specVersion" | "name" | "flags">;

const members: Readonly<Record<PluginMember, true>> = {
  domains: true,
  data: true,
  models: true,
  operators: true,
  defences: true,
  discrepancies: true,
  priors: true,
  solvers: true,
  attacks: true,
  metrics: true,
};

/** What a plugin may bring, by the member that holds it. */
export const pluginMembers: readonly PluginMember[] = Object.keys(members) as PluginMember[];

const allowedKeys: readonly string[] = ["specVersion", "name", "flags", ...pluginMembers];

const nameForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * Checks and returns a plugin; the default export of a plugin package is its result. Nothing else happens: a plugin is a value, and is used by being passed on.
 *
 *     export default definePlugin({ specVersion: 1, name: "edges", priors: { "sharp-edges": sharpEdges } });
 *
 * @throws ReconError `plugin-version` for another version of the contract, `not-a-plugin` for a name or a member that is not what it must be, and says which.
 */
export function definePlugin(plugin: Plugin): Plugin {
  const name: unknown = isRecord(plugin) ? plugin.name : undefined;
  return checkPlugin(plugin, typeof name === "string" && name !== "" ? `The plugin "${name}"` : "A plugin");
}

/**
 * What `definePlugin` checks, of any value: a package may export what it likes. `what` begins the sentence of an error, such as `"recon-prior-edges"`.
 *
 * @throws ReconError `plugin-version` or `not-a-plugin`.
 */
export function checkPlugin(value: unknown, what: string): Plugin {
  if (!isRecord(value) || !Object.hasOwn(value, "specVersion")) {
    const wanted = "it must be the result of definePlugin({ specVersion: 1, name, ... })";
    throw new ReconError("not-a-plugin", `${what} is not a plugin of recon: ${wanted}.`);
  }
  const { specVersion, name, flags } = value;
  if (typeof specVersion !== "number" || !specVersions.includes(specVersion)) {
    const taken = `this core takes version ${specVersions.join(" and ")}`;
    const found = `it is written for version ${JSON.stringify(specVersion) ?? "undefined"} of the plugin contract, and ${taken}`;
    throw new ReconError("plugin-version", `${what} cannot be used: ${found}. Install versions that fit together.`);
  }
  const refuse = (why: string): ReconError =>
    new ReconError("not-a-plugin", `${what} is not a plugin of recon: ${why}.`);
  if (typeof name !== "string" || name === "") throw refuse("it has no name");
  if (!nameForm.test(name)) throw refuse(`its name "${name}" is not of lower-case letters, digits and single hyphens`);
  const unknown = Object.keys(value).find((key) => !allowedKeys.includes(key));
  if (unknown !== undefined) throw refuse(`it has a member "${unknown}". Allowed: ${allowedKeys.join(", ")}`);
  for (const member of pluginMembers) {
    const pieces = value[member];
    if (pieces === undefined) continue;
    if (!isRecord(pieces)) throw refuse(`its "${member}" must be factories by name`);
    for (const [piece, factory] of Object.entries(pieces)) {
      if (!nameForm.test(piece))
        throw refuse(`"${piece}" under "${member}" is not of lower-case letters, digits and single hyphens`);
      if (typeof factory !== "function") throw refuse(`"${piece}" under "${member}" must be a function of its options`);
    }
  }
  if (
    flags !== undefined &&
    !(Array.isArray(flags) && flags.every((flag) => typeof flag === "string" && flag !== ""))
  ) {
    throw refuse('its "flags" must be a list of names');
  }
  return value as unknown as Plugin;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
