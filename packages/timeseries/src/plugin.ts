import { definePlugin, type Plugin } from "@recon/core";
import { cnn } from "./models/cnn.ts";
import { fcn } from "./models/fcn.ts";
import { gru } from "./models/gru.ts";
import { lstm } from "./models/lstm.ts";
import { tcn } from "./models/tcn.ts";

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "timeseries",
  models: {
    cnn: (options, data) => cnn(options, data),
    fcn: (options, data) => fcn(options, data),
    gru: (options, data) => gru(options, data),
    lstm: (options, data) => lstm(options, data),
    tcn: (options, data) => tcn(options, data),
  },
});

export default plugin;
