import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { type Arrays, type NdArray, sizeOf } from "../tensor.ts";
import { drawer, mutate } from "./fixtures/mutate.ts";
import { readNpy, writeNpy } from "./npy.ts";
import { readNpz, writeNpz } from "./npz.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const files = Number(process.env.RECON_FUZZ_FILES ?? 2000);

function refusal(read: () => unknown): EngineError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    return error as EngineError;
  }
  throw new Error("the file was not refused");
}

const array: fc.Arbitrary<NdArray> = fc
  .record({
    shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    kind: fc.constantFrom(Float32Array, Float64Array, Int32Array),
    start: fc.integer({ min: -9, max: 9 }),
  })
  .map(({ shape, kind, start }) => ({
    shape,
    data: kind.from(Array.from({ length: sizeOf(shape) }, (_, i) => start + i * 1.5)),
  }));
const arrays: fc.Arbitrary<Arrays> = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).filter((n) => n !== "__metadata__"),
  array,
);

/** Plain entries, since names such as `__proto__` compare badly as keys. */
const entries = (a: Arrays): unknown => Object.entries(a).sort(([x], [y]) => (x < y ? -1 : 1));

describe(`what is written is read again, seed ${seed}`, () => {
  test("npy", () => {
    fc.assert(
      fc.property(array, (a) => {
        expect(readNpy(writeNpy(a))).toEqual(a);
      }),
      { seed },
    );
  });
  test("npz", () => {
    fc.assert(
      fc.property(arrays, (a) => {
        expect(entries(readNpz(writeNpz(a)))).toEqual(entries(a));
      }),
      { seed },
    );
  });
  test("safetensors", () => {
    fc.assert(
      fc.property(arrays, (a) => {
        expect(entries(readSafetensors(writeSafetensors(a)))).toEqual(entries(a));
      }),
      { seed },
    );
  });
});

/** An npy file by hand. */
function npy(descr: string, shape: string, data: ArrayLike<number>, columns = "False"): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${columns}, 'shape': ${shape}, }\n`;
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    1,
    0,
    header.length,
    0,
    ...Buffer.from(header),
    ...Array.from(data),
  ]);
}

test("a file as Node reads it, whose bytes lie in the memory of others, gives the same and stays as it is", () => {
  const stored: Arrays = {
    weight: { shape: [2], data: Float32Array.of(1.5, -2) },
    bias: { shape: [3], data: Float64Array.of(1, 2, 3) },
  };
  expect(readSafetensors(Buffer.from(writeSafetensors(stored)))).toEqual(stored);
  expect(readNpy(Buffer.from(writeNpy(stored.bias!)))).toEqual(stored.bias);
  const bigEndian = Buffer.from(npy(">i2", "(2,)", [0, 1, 1, 0]));
  const before = [...bigEndian];
  expect(readNpy(bigEndian).data).toEqual(Int32Array.of(1, 256));
  expect([...bigEndian]).toEqual(before);
});

describe("npy files of others", () => {
  test("big-endian, half precision, truth values, 64-bit integers", () => {
    expect(readNpy(npy(">f4", "(1,)", [0x3f, 0x80, 0, 0])).data).toEqual(Float32Array.of(1));
    expect(readNpy(npy("<f2", "(2,)", [0, 0x3c, 0, 0xc0])).data).toEqual(Float32Array.of(1, -2));
    expect(readNpy(npy("|b1", "(2,)", [1, 0])).data).toEqual(Int32Array.of(1, 0));
    expect(readNpy(npy("<i8", "()", [0xfe, 255, 255, 255, 255, 255, 255, 255]))).toEqual({
      shape: [],
      data: Int32Array.of(-2),
    });
    expect(readNpy(npy("<i8", "(1,)", [0, 0, 0, 0, 2, 0, 0, 0])).data).toEqual(Float64Array.of(2 ** 33));
  });
  test("column-major becomes row-major", () => {
    expect(readNpy(npy("|u1", "(2, 3)", [1, 4, 2, 5, 3, 6], "True"))).toEqual({
      shape: [2, 3],
      data: Int32Array.of(1, 2, 3, 4, 5, 6),
    });
  });
  test.each([
    ["objects", npy("|O", "(1,)", [0]), "file-dtype"],
    ["records", npy("<f4', 'x': '<i4", "(1,)", [0, 0, 0, 0]), "file-dtype"],
    ["text", npy("<U4", "(1,)", []), "file-dtype"],
    ["a shape that is not there", npy("<f4", "(1000000000000, 1000000)", []), "file-malformed"],
    ["a shape of something else", npy("<f4", "(__import__,)", []), "file-dtype"],
    ["too few bytes", npy("<f4", "(2,)", [0, 0, 0, 0]), "file-malformed"],
    ["too many bytes", npy("<f4", "(1,)", [0, 0, 0, 0, 0]), "file-malformed"],
    ["nothing", new Uint8Array(), "file-malformed"],
  ])("%s are refused", (_title, bytes, code) => {
    expect(refusal(() => readNpy(bytes)).code).toBe(code);
  });
});

describe("npz files that lie", () => {
  test("a bomb is refused before it is unpacked", () => {
    const bomb = zipSync({ "a.npy": new Uint8Array(2 ** 24) }, { level: 9 });
    expect(bomb.byteLength).toBeLessThan(2 ** 16);
    expect(refusal(() => readNpz(bomb, { largest: 2 ** 20 })).code).toBe("file-too-large");
  });
  test("a size that deflate cannot reach", () => {
    const bytes = zipSync({ "a.npy": new Uint8Array(1000) });
    const at = bytes.length - 22 - 46 - "a.npy".length;
    new DataView(bytes.buffer).setUint32(at + 24, 2 ** 30, true);
    expect(refusal(() => readNpz(bytes)).code).toBe("file-malformed");
  });
  test("other files, or no archive", () => {
    expect(refusal(() => readNpz(zipSync({ "evil.pkl": new Uint8Array(3) }))).code).toBe("file-malformed");
    expect(refusal(() => readNpz(new TextEncoder().encode("PK but no archive"))).code).toBe("file-malformed");
  });
});

/** A safetensors file by hand. */
function safetensors(header: unknown, data: number): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const f32 = (shape: unknown, offsets: unknown, more: object = {}): object => ({
  dtype: "F32",
  shape,
  data_offsets: offsets,
  ...more,
});

describe("safetensors files that lie", () => {
  test("a good one by hand, with metadata and an empty array", () => {
    const bytes = safetensors({ __metadata__: { format: "pt" }, w: f32([2], [0, 8]), e: f32([0, 3], [8, 8]) }, 8);
    expect(readSafetensors(bytes)).toEqual({
      w: { shape: [2], data: new Float32Array(2) },
      e: { shape: [0, 3], data: new Float32Array() },
    });
  });
  test.each([
    ["truncated data", safetensors({ w: f32([2], [0, 8]) }, 7), "file-malformed"],
    ["more data than arrays", safetensors({ w: f32([2], [0, 8]) }, 9), "file-malformed"],
    ["an overlap", safetensors({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12), "file-malformed"],
    ["a gap", safetensors({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12), "file-malformed"],
    ["a huge shape", safetensors({ w: f32([2 ** 40, 2 ** 40], [0, 8]) }, 8), "file-malformed"],
    ["a negative extent", safetensors({ w: f32([-2], [0, 8]) }, 8), "file-malformed"],
    ["a fraction", safetensors({ w: f32([1.5], [0, 6]) }, 6), "file-malformed"],
    ["offsets in reverse", safetensors({ w: f32([2], [8, 0]) }, 8), "file-malformed"],
    ["an unknown key", safetensors({ w: f32([2], [0, 8], { code: "x" }) }, 8), "file-malformed"],
    ["an unknown type", safetensors({ w: { dtype: "F4", shape: [1], data_offsets: [0, 4] } }, 4), "file-dtype"],
    ["no table", safetensors("[1,2]", 0), "file-malformed"],
    ["no JSON", safetensors("{{{{", 0), "file-malformed"],
    ["deep JSON", safetensors("[".repeat(1_000_000), 0), "file-malformed"],
    [
      "a header longer than the file",
      Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 127, 0x7b]),
      "file-malformed",
    ],
    ["nothing", new Uint8Array(), "file-malformed"],
  ])("%s is refused", (_title, bytes, code) => {
    expect(refusal(() => readSafetensors(bytes)).code).toBe(code);
  });
});

test(
  `${files} mutated files of each format give arrays or an EngineError, seed ${seed}`,
  () => {
    const some: Arrays = {
      "fc.weight": { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      "fc.bias": { shape: [2], data: Float64Array.of(1, -1) },
      step: { shape: [], data: Int32Array.of(7) },
    };
    const formats = [
      { seeds: [writeNpy(some["fc.weight"]!), npy("<i8", "(1,)", [1, 0, 0, 0, 0, 0, 0, 0])], read: readNpy },
      { seeds: [writeNpz(some), zipSync({ "a.npy": writeNpy(some.step!) }, { level: 0 })], read: readNpz },
      { seeds: [writeSafetensors(some)], read: readSafetensors },
    ];
    const draw = drawer(seed);
    for (const { seeds, read } of formats) {
      let refused = 0;
      for (let i = 0; i < files; i++) {
        const bytes = mutate(seeds, draw);
        try {
          (read as (bytes: Uint8Array) => unknown)(bytes);
        } catch (error) {
          if (!(error instanceof EngineError))
            throw new Error(`file ${i}: ${Buffer.from(bytes).toString("base64")}`, { cause: error });
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(files / 10);
    }
  },
  Math.max(60_000, files * 20),
);
