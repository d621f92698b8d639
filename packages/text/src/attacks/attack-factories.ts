import type { Plugin } from "@recon/core";
import { auto } from "./auto.ts";
import { bagOfWords } from "./bag-of-words.ts";
import { dager } from "./dager/dager.ts";
import { lamp } from "./lamp.ts";
import { pooler } from "./pooler.ts";
import { priorOnly } from "./prior-only.ts";
import { dlgText, tag } from "./tag.ts";

/** Every attack of this package by the name an audit file uses. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  dager: (options) => dager(options),
  "bag-of-words": (options) => bagOfWords(options),
  "dlg-text": (options) => dlgText(options),
  tag: (options) => tag(options),
  lamp: (options, { priors }) => lamp(options, priors),
  pooler: (options, { priors }) => pooler(options, priors),
  "prior-only": (_options, { priors }) => priorOnly(priors),
  auto: (_options, { priors }) => auto(priors),
};
