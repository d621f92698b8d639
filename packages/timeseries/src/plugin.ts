import { definePlugin, type Plugin } from "@recon/core";
import { attackFactories } from "./attacks/attack-factories.ts";
import { dataFactories } from "./data/data-factories.ts";
import { cnn } from "./models/cnn.ts";
import { fcn } from "./models/fcn.ts";
import { gru } from "./models/gru.ts";
import { lstm } from "./models/lstm.ts";
import { tcn } from "./models/tcn.ts";
import { gaussianProcess } from "./priors/gaussian-process/gaussian-process.ts";
import { studentProcess } from "./priors/gaussian-process/student-process.ts";
import { type PeriodicityOptions, periodicity } from "./priors/periodicity.ts";
import { smoothness } from "./priors/smoothness.ts";
import { trend } from "./priors/trend.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "timeseries",
  data: dataFactories,
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
    "student-process": (options) => studentProcess(options),
    trend: (options) => trend(options),
  },
  attacks: attackFactories,
});

export default plugin;
