import { definePlugin, type Plugin } from "@recon/core";
import { attackFactories } from "./attacks/attack-factories.ts";
import { brown } from "./data/brown.ts";
import { type FolderOptions, folder } from "./data/folder.ts";
import { sentiment } from "./data/sentiment.ts";
import { bert } from "./models/bert.ts";
import { gpt } from "./models/gpt.ts";
import { useLite } from "./models/use-lite.ts";
import { languageModel } from "./priors/language-model.ts";

/** Everything of this package by name, for audit files. */
export const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "text",
  data: {
    sentiment: (options) => sentiment(options),
    brown: (options) => brown(options),
    folder: (options) => folder(options as unknown as FolderOptions),
  },
  models: {
    "use-lite": (options, data) => useLite(options, data),
    bert: (options, data) => bert(options, data),
    gpt: (options, data) => gpt(options, data),
  },
  priors: { "language-model": (options) => languageModel(options) },
  attacks: attackFactories,
  flags: ["embeddings", "padding", "sequenceLengths", "tokenizer", "vocabulary"],
});
