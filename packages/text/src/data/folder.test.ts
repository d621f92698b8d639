import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenData } from "@recon/core";
import { afterAll, describe, expect, test } from "vitest";
import { idsOf } from "../ids.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import { type FolderOptions, folder } from "./folder.ts";

const root = mkdtempSync(join(tmpdir(), "recon-texts-"));
afterAll(() => rmSync(root, { recursive: true }));

let written = 0;
function opened(extension: string, content: string | Uint8Array, options: object = {}): Promise<OpenData> {
  const path = join(root, `${written++}${extension}`);
  writeFileSync(path, content);
  return folder({ path, ...options }).open();
}

const tokenizer = sentencePiece();

/** Texts and classes of all items, and "line: reason" of what was left out. */
async function contents(data: OpenData): Promise<{ texts: string[]; labels: number[]; skipped: string[] }> {
  const items = await Promise.all(Array.from({ length: data.size }, (_, i) => data.item(i)));
  return {
    texts: items.map(({ input }) => tokenizer.decode(idsOf(input))),
    labels: items.map(({ target }) => Array.from(target.data).indexOf(1)),
    skipped: data.skipped.map(({ id, reason }) => `${id.split(":")[1]}: ${reason}`),
  };
}

describe("a text a line", () => {
  test("with a byte order mark, Windows line ends, blank lines, emoji and foreign scripts", async () => {
    const data = await opened(".txt", "\ufeffHello there.\r\n\r\nI like 🍕 pizza.\r\nПривет, 世界 and you.\r\n🍕\n");
    const { texts, skipped, labels } = await contents(data);
    expect(texts[0]).toBe("Hello there.");
    expect(texts[1]).toMatch(/^I like.*pizza\.$/);
    expect(texts).toHaveLength(3);
    expect(labels).toEqual([0, 0, 0]);
    expect(skipped).toEqual(["2: the text is empty", "5: the vocabulary of sentence-piece knows no piece of the text"]);
    expect((await data.item(0)).target.shape).toEqual([2]);
  });

  test("a line that is not UTF-8 costs itself alone", async () => {
    const bytes = Buffer.concat([Buffer.from("First.\nCaf"), Buffer.from([0xe9]), Buffer.from(" latin.\nThird.\n")]);
    const { texts, skipped } = await contents(await opened(".txt", bytes));
    expect(texts).toEqual(["First.", "Third."]);
    expect(skipped).toEqual(["2: line 2 is not UTF-8; save the file in UTF-8"]);
  });

  test("a text that is too long is left out whole, and that is no fault of the file", async () => {
    const data = await opened(".txt", `Short one.\n${"very ".repeat(40)}long.\n`, { max_length: 10 });
    expect((await contents(data)).texts).toEqual(["Short one."]);
    expect(data.skipped[0]).toMatchObject({ byOptions: true, reason: expect.stringContaining("max_length") });
  });
});

describe("a column of a table", () => {
  test("quotes, commas and line ends inside of cells; labels in the order of their names", async () => {
    const table = 'id,review,mood\n1,"Good, ""really"" good.\nBuy it.",glad\n2,"Bad.",angry\n3,3" pipe fits.,glad\n';
    const { texts, labels, skipped } = await contents(await opened(".csv", table, { column: "review", label: "mood" }));
    expect(texts).toEqual(['Good, "really" good. Buy it.', "Bad.", '3" pipe fits.']);
    expect(labels).toEqual([1, 0, 1]);
    expect(skipped).toEqual([]);
  });

  test.each([
    [";", ".csv"],
    ["\t", ".tsv"],
    ["|", ".csv"],
    [",", ".csv"],
  ])("cells apart by %j are told by the header", async (mark, extension) => {
    const table = [`"a,;|"${mark}text`, `1${mark}One text.`, `2${mark}"Two${mark}texts."`].join("\r\n");
    const { texts } = await contents(await opened(extension, table));
    expect(texts).toHaveLength(2);
    expect(texts[0]).toBe("One text.");
  });

  test("bad rows are named by line and the rest is read", async () => {
    const rows = [
      "text,label",
      "fine,1", // 2
      "short", // 3
      "too,many,cells", // 4
      '"never closed,1', // 5
      "   ,0", // 6
      "good,10", // 7
      "unlabelled,", // 8
      "last,2", // 9
    ];
    const { texts, labels, skipped } = await contents(await opened(".csv", rows.join("\n"), { label: "label" }));
    expect(texts).toEqual(["fine", "good", "last"]);
    // 1 < 2 < 10 as numbers.
    expect(labels).toEqual([0, 2, 1]);
    expect(skipped).toEqual([
      '3: the row has no value in column "label"',
      "4: the row has 3 cells, and the header 2",
      "5: a quotation mark is opened and never closed",
      "6: the text is empty",
      "8: the label is empty",
    ]);
  });

  test("a missing column is refused with those there are", async () => {
    await expect(opened(".csv", "id;review\n1;x\n", { column: "reviev" })).rejects.toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining("id, review") }),
    );
    await expect(opened(".csv", "text\nx\n", { label: "mood" })).rejects.toThrow('"label"');
  });

  test("labels that are no classes are refused", async () => {
    const table = `text,label\n${Array.from({ length: 4 }, (_, i) => `word,${i}`).join("\n")}`;
    await expect(opened(".csv", table, { label: "label", classes: 3 })).rejects.toThrow("4 different labels");
  });
});

test("a column of JSON lines, with the faults of its rows", async () => {
  const lines = [
    '{"text":"Good.","n":1}',
    "{broken",
    '{"n":2}',
    "[1]",
    '{"text":["x"],"n":3}',
    '{"text":"Bad.","n":0}',
  ];
  const { texts, labels, skipped } = await contents(await opened(".jsonl", lines.join("\n"), { label: "n" }));
  expect(texts).toEqual(["Good.", "Bad."]);
  expect(labels).toEqual([1, 0]);
  expect(skipped.map((reason) => reason.split(":")[0])).toEqual(["2", "3", "4", "5"]);
});

test.each([
  [".txt", "", "no-data"],
  [".txt", "\n \n", "no-data"],
  [".csv", "", "unreadable-text"],
  [".csv", "text\n", "no-data"],
  [".docx", "x", "unreadable-text"],
  [".txt", Uint8Array.of(0xff, 0xfe, 65, 0), "unreadable-text"],
  [".txt", Uint8Array.of(1, 0, 0, 2), "unreadable-text"],
])("a %s file of %j is refused with %s", async (extension, content, code) => {
  await expect(opened(extension, content)).rejects.toThrow(expect.objectContaining({ code }));
});

test("no path, no file and a folder are refused with what to do", async () => {
  expect(() => folder({} as FolderOptions)).toThrow('"path"');
  await expect(folder({ path: join(root, "none.txt") }).open()).rejects.toThrow("does not exist");
  await expect(folder({ path: root }).open()).rejects.toThrow("is not a file");
});
