import type { Plugin } from "@recon/core";
import { type CsvOptions, csv } from "./csv.ts";
import { seattle } from "./seattle.ts";
import { sensorNetwork } from "./sensor-network.ts";
import { sp500 } from "./sp500.ts";
import { usBirths } from "./us-births.ts";

/** Every data source of this package by the name an audit file uses. */
export const dataFactories: NonNullable<Plugin["data"]> = {
  "sensor-network": (options) => sensorNetwork(options),
  "us-births": (options) => usBirths(options),
  seattle: (options) => seattle(options),
  sp500: (options) => sp500(options),
  csv: (options) => csv(options as unknown as CsvOptions),
  // What an audit file asks for that gives a path alone: `data: { path: load.csv }`.
  folder: (options) => csv(options as unknown as CsvOptions),
};
