import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FolderOptions, folder } from "./folder.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "folder-"));
});
afterEach(() => rm(root, { recursive: true }));

const solid = (red: number, width = 40, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: { r: red, g: 0, b: 0 } } });
const put = async (name: string, content: Buffer | string): Promise<void> => writeFile(join(root, name), content);
const open = (options: Partial<FolderOptions> = {}) => folder({ path: root, size: 8, ...options }).open();
const red = async (options: Partial<FolderOptions>, index: number): Promise<number> => {
  const source = folder({ path: root, size: 8, ...options });
  return Math.round(source.domain.pixels((await (await source.open()).item(index)).input)[0]! * 255);
};

describe("what is read", () => {
  test("every format, in the order of the names", async () => {
    await put("e.png", await solid(50).png().toBuffer());
    await put("d.webp", await solid(40).webp({ lossless: true }).toBuffer());
    await put("c.tiff", await solid(30).tiff({ compression: "lzw" }).toBuffer());
    await put("b.gif", await solid(20).gif().toBuffer());
    await put("a.avif", await solid(60).avif({ lossless: true }).toBuffer());
    await put("B.jpg", await solid(10).jpeg({ quality: 100 }).toBuffer());
    await put(".hidden", "not an image");
    const data = await open();
    expect(data.skipped).toEqual([]);
    expect(data.size).toBe(6);
    const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(async (i) => (await data.item(i)).id));
    expect(ids).toEqual(["B.jpg", "a.avif", "b.gif", "c.tiff", "d.webp", "e.png"]);
    expect(await red({}, 3)).toBe(30);
    expect(await red({}, 5)).toBe(50);
  });
  test("the largest centred square of a picture", async () => {
    const wide = await sharp({ create: { width: 90, height: 30, channels: 3, background: "#000000" } })
      .composite([{ input: await solid(200, 30, 30).png().toBuffer(), left: 30, top: 0 }])
      .png()
      .toBuffer();
    await put("wide.png", wide);
    const source = folder({ path: root, size: 8 });
    const pixels = source.domain.pixels((await (await source.open()).item(0)).input);
    for (let i = 0; i < 64; i++) expect(pixels[i]! * 255).toBeCloseTo(200, 3);
  });
  test("grey and transparent files as colour, colour as grey", async () => {
    await put(
      "grey.png",
      await sharp(Buffer.alloc(100, 77), { raw: { width: 10, height: 10, channels: 1 } })
        .png()
        .toBuffer(),
    );
    await put(
      "clear.png",
      await sharp({ create: { width: 9, height: 9, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .png()
        .toBuffer(),
    );
    expect(await red({}, 1)).toBe(77);
    expect(await red({}, 0)).toBe(255);
    const grey = await (await open({ channels: 1 })).item(1);
    expect(grey.input.shape).toEqual([1, 8, 8]);
    expect(await red({ channels: 1 }, 1)).toBe(77);
  });
  test("sub-folders are classes in the order of their names", async () => {
    for (const name of ["dog", "cat", "empty"]) await mkdir(join(root, name));
    await put("cat/1.png", await solid(1).png().toBuffer());
    await put("dog/1.png", await solid(2).png().toBuffer());
    await put("loose.png", await solid(3).png().toBuffer());
    const data = await open({ classes: 3 });
    expect(data.size).toBe(2);
    expect(data.skipped.map(({ id }) => id)).toEqual(["loose.png"]);
    expect(Array.from((await data.item(0)).target.data)).toEqual([1, 0, 0]);
    expect(await data.item(1)).toMatchObject({ id: "dog/1.png", target: { data: Float32Array.of(0, 1, 0) } });
    await expect(open({ classes: 2 })).rejects.toThrow('option "classes" is 2');
  });
});

describe("what is not", () => {
  test("corrupt, empty, foreign and vector files are named with the reason", async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 7919) % 251));
    const photo = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer();
    const png = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    await put("good.png", await solid(9).png().toBuffer());
    await put("cut.jpg", photo.subarray(0, photo.length / 2));
    await put("cut.png", png.subarray(0, png.length / 2));
    await put("empty.png", "");
    await put("text.png", "hello, this is no image");
    await put("drawing.svg", svg);
    await put("drawing.png", svg);
    await put("paper.pdf", "%PDF-1.4\n1 0 obj\n");
    await symlink("/nowhere/at/all", join(root, "link.png"));
    const data = await open();
    expect(data.size).toBe(1);
    expect(data.skipped.map(({ id }) => id)).toEqual([
      "cut.jpg",
      "cut.png",
      "drawing.png",
      "drawing.svg",
      "empty.png",
      "link.png",
      "paper.pdf",
      "text.png",
    ]);
    const reason = Object.fromEntries(data.skipped.map((entry) => [entry.id, entry.reason]));
    expect(reason["empty.png"]).toBe("The file is empty.");
    expect(reason["drawing.png"]).toContain("not an image of a format that is read (png, jpeg, webp, tiff, gif, avif)");
    await expect(open({ on_error: "refuse" })).rejects.toThrow(
      expect.objectContaining({ code: "unreadable-image", message: expect.stringContaining("cut.jpg") }),
    );
  });
  test("a picture that announces more pixels than any camera is not decoded", async () => {
    // A valid header of 60000 × 60000 on an otherwise small file.
    const png = await solid(1).png().toBuffer();
    const huge = Buffer.from(png);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    await put("huge.png", huge);
    await put("ok.png", png);
    const data = await open();
    expect(data.skipped.map(({ id }) => id)).toEqual(["huge.png"]);
    expect(data.skipped[0]!.reason).toContain("exceeds pixel limit");
  });
  test.runIf(process.platform !== "win32")("a pipe does not block", async () => {
    await put("ok.png", await solid(1).png().toBuffer());
    execFileSync("mkfifo", [join(root, "pipe.png")]);
    expect((await open()).size).toBe(1);
  });
  test("a folder that is not there, a file, and one without images", async () => {
    await expect(open({ path: join(root, "none") })).rejects.toThrow(
      expect.objectContaining({ code: "no-such-folder" }),
    );
    await expect(open()).rejects.toThrow(
      expect.objectContaining({ code: "no-data", message: expect.stringContaining("empty") }),
    );
    await put("a.txt", "a");
    await expect(open({ path: join(root, "a.txt") })).rejects.toThrow(
      expect.objectContaining({ code: "no-such-folder" }),
    );
    await expect(open()).rejects.toThrow(
      expect.objectContaining({ code: "no-data", message: expect.stringContaining("a.txt") }),
    );
  });
  test.each([
    [{}, '"path" is missing'],
    [{ path: 3 }, '"path"'],
    [{ path: "a", onError: "skip" }, 'no option "onError"'],
    [{ path: "a", on_error: "stop" }, '"on_error"'],
    [{ path: "a", mean: [0.5] }, '"mean" must be a list of 3'],
  ])("bad options %j", (options, message) => {
    expect(() => folder(options as FolderOptions)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(message) }),
    );
  });
});
