import { describe, expect, test, vi } from "vitest";
import { idsOf } from "../ids.ts";
import { brown } from "./brown.ts";
import { brownSamples, plainSentence } from "./brown-sentences.ts";
import { sentiment } from "./sentiment.ts";

const labelOf = ({ data }: { readonly data: ArrayLike<number> }): number => Array.from(data).indexOf(1);

describe("sentiment", () => {
  test("every sentence is an item with its class, or is named with the reason", async () => {
    const source = sentiment();
    const data = await source.open();
    expect(data.size + data.skipped.length).toBe(3000);
    expect(data.skipped.length).toBeLessThan(30);
    for (const { reason, byOptions } of data.skipped) {
      expect(reason).toMatch(/^it has \d+ ids, more than the 64 of max_length$/);
      expect(byOptions).toBe(true);
    }
    const items = await Promise.all(Array.from({ length: data.size }, (_, i) => data.item(i)));
    expect(new Set(items.map(({ id }) => id)).size).toBe(data.size);
    expect(Math.max(...items.map(({ input }) => input.shape[0]!))).toBeLessThanOrEqual(64);
    const praising = items.filter(({ target }) => labelOf(target) === 1).length;
    expect(praising).toBeGreaterThan(1480);
    expect(praising).toBeLessThanOrEqual(1500);
    // No file's last row, which is empty, has become an item.
    expect(items.every(({ input }) => idsOf(input).length > 0)).toBe(true);
  });

  test("the second item is the first of the restaurants, and reads as it was written", async () => {
    const source = sentiment({ count: 3 });
    const data = await source.open();
    expect(data.size).toBe(3);
    const { id, input, target } = await data.item(1);
    expect(id).toBe("yelp-0");
    expect(labelOf(target)).toBe(1);
    expect(source.domain.tokenizer.decode(idsOf(input))).toBe("Wow... Loved this place.");
    await expect(data.item(3)).rejects.toThrow(expect.objectContaining({ code: "no-such-item" }));
  });

  test("a longer limit keeps more sentences, a shorter one cuts none", async () => {
    const [few, many] = await Promise.all([
      sentiment({ max_length: 8, count: 100 }).open(),
      sentiment({ max_length: 128, count: 600 }).open(),
    ]);
    expect(few.skipped.length).toBeGreaterThan(50);
    expect(many.skipped).toEqual([]);
    const full = new Map<string, readonly number[]>();
    for (let i = 0; i < many.size; i++) {
      const { id, input } = await many.item(i);
      full.set(id, idsOf(input));
    }
    for (let i = 0; i < few.size; i++) {
      const { id, input } = await few.item(i);
      expect(idsOf(input)).toEqual(full.get(id));
    }
  });

  test("where it comes from and whom to cite is said", () => {
    const { card } = sentiment();
    expect(card.source).toContain("Kotzias");
    expect(card.licence).toContain("CC BY 4.0");
  });

  test.each([[{ cuont: 3 }], [{ count: 0 }], [{ max_length: 0 }]])("bad options %j", (options) => {
    expect(() => sentiment(options as object)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(Object.keys(options)[0]!) }),
    );
  });
});

describe("brown", () => {
  test("500 samples with more than fifty thousand sentences", () => {
    const samples = brownSamples();
    expect(samples).toHaveLength(500);
    expect(samples[0]).toMatchObject({ name: "ca01", genre: "news" });
    expect(plainSentence(samples[0]!.lines()[0]!)).toBe(
      'The Fulton County Grand Jury said Friday an investigation of Atlanta\'s recent primary election produced "no evidence" that any irregularities took place.',
    );
    expect(new Set(samples.map(({ genre }) => genre)).size).toBe(15);
  });

  test.each([
    ["``/`` Only/rb (/( a/at ''/'' b/nn )/) ;/. ;/. c/nn", '"Only (a" b); c'],
    ["Who/wps ?/. ?/.", "Who?"],
    ["1/2/cd of/in '/' it/pp '/' --/-- $5/nns", "1/2 of 'it' -- $5"],
    ["\t  ", ""],
  ])("%j reads %j", (line, text) => {
    expect(plainSentence(line)).toBe(text);
  });

  test("equal options, equal sentences; another seed, others", async () => {
    const first = async (options: object): Promise<unknown> => (await brown({ count: 5, ...options }).open()).item(0);
    expect(await first({})).toEqual(await first({}));
    expect(await first({ seed: 1 })).not.toEqual(await first({}));
  });

  test("the class is the genre, or drawn evenly from the name", async () => {
    const [genres, drawn] = await Promise.all([
      brown({ count: 200 }).open(),
      brown({ count: 200, label: "drawn" }).open(),
    ]);
    expect((await genres.item(0)).target.shape).toEqual([15]);
    const items = await Promise.all(Array.from({ length: 200 }, (_, i) => drawn.item(i)));
    expect(items[0]!.target.shape).toEqual([2]);
    const ones = items.filter(({ target }) => labelOf(target) === 1).length;
    // Six standard deviations of 200 fair coins.
    expect(Math.abs(ones - 100)).toBeLessThan(43);
  });
});

test("a package that is not installed is named", async () => {
  const sources = [sentiment(), brown()];
  const elsewhere = vi.spyOn(process, "cwd").mockReturnValue("/");
  try {
    for (const source of sources) {
      await expect(source.open()).rejects.toThrow(expect.objectContaining({ code: "missing-package" }));
    }
  } finally {
    elsewhere.mockRestore();
  }
});
