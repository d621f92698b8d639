import { definePlugin, type Plugin } from "@recon/core";
import { bert } from "./models/bert.ts";
import { gpt } from "./models/gpt.ts";
import { useLite } from "./models/use-lite.ts";

/** Everything of this package by name, for audit files. */
export const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "text",
  models: {
    "use-lite": (options, data) => useLite(options, data),
    bert: (options, data) => bert(options, data),
    gpt: (options, data) => gpt(options, data),
  },
  flags: ["embeddings", "padding", "sequenceLengths", "tokenizer", "vocabulary"],
});
