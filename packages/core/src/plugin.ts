import type { Attack, DataSource, Defence, Domain, Flag, Json, Model, Operator, Prior } from "./problem.ts";

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

/** An attack factory sees the attacks and priors it may be composed of. */
export interface Plugin {
  /** The version of this contract. A new required member is a new version. */
  readonly specVersion: 1;
  readonly name: string;
  readonly data?: Readonly<Record<string, Factory<DataSource>>>;
  readonly models?: Readonly<Record<string, ModelFactory>>;
  readonly operators?: Readonly<Record<string, Factory<Operator>>>;
  readonly defences?: Readonly<Record<string, Factory<Defence>>>;
  readonly priors?: Readonly<Record<string, Factory<Prior>>>;
  /** Priors are passed in by value, so that any prior combines with any attack that takes one. */
  readonly attacks?: Readonly<
    Record<string, (options: { readonly [key: string]: Json }, parts: { readonly priors: readonly Prior[] }) => Attack>
  >;
  /** Knowledge flags this package adds to core's. */
  readonly flags?: readonly Flag[];
}

/** Checks and returns a plugin; the default export of a plugin package is its result. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
