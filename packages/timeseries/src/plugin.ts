import { definePlugin, type Plugin } from "@recon/core";
import { type CsvOptions, csv } from "./data/csv.ts";
import { seattle } from "./data/seattle.ts";
import { sensorNetwork } from "./data/sensor-network.ts";
import { sp500 } from "./data/sp500.ts";
import { usBirths } from "./data/us-births.ts";
import { cnn } from "./models/cnn.ts";
import { fcn } from "./models/fcn.ts";
import { gru } from "./models/gru.ts";
import { lstm } from "./models/lstm.ts";
import { tcn } from "./models/tcn.ts";
import { gaussianProcess } from "./priors/gaussian-process/gaussian-process.ts";
import { type PeriodicityOptions, periodicity } from "./priors/periodicity.ts";
import { smoothness } from "./priors/smoothness.ts";
import { trend } from "./priors/trend.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "timeseries",
  data: {
    "sensor-network": (options) => sensorNetwork(options),
    "us-births": (options) => usBirths(options),
    seattle: (options) => seattle(options),
    sp500: (options) => sp500(options),
    csv: (options) => csv(options as unknown as CsvOptions),
    // What an audit file asks for that gives a path alone: `data: { path: load.csv }`.
    folder: (options) => csv(options as unknown as CsvOptions),
  },
  models: {
    cnn: (options, data) => cnn(options, data),
    fcn: (options, data) => fcn(options, data),
    gru: (options, data) => gru(options, data),
    lstm: (options, data) => lstm(options, data),
    tcn: (options, data) => tcn(options, data),
  },
  priors: {
    "gaussian-process": (options) => gaussianProcess(options),
    periodicity: (options) => periodicity(options as unknown as PeriodicityOptions),
    smoothness: (options) => smoothness(options),
    trend: (options) => trend(options),
  },
});

export default plugin;
