import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Arrays } from "@recon/engine";
import { writeSafetensors } from "@recon/engine/files";
import { afterAll, describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { weightsFrom } from "./prior-weights.ts";

const folder = mkdtempSync(join(tmpdir(), "recon-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shapes = { w: [3, 2], b: [3] };
const arrays: Arrays = {
  w: drawNormal(shapes.w, rng("w")),
  b: { shape: [3], data: Float32Array.from([0.5, -1, 2]) },
  other: drawNormal([4], rng("other")),
};

function kept(name: string, bytes: Uint8Array): { readonly path: string; readonly sha256: string } {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const right = kept("right.safetensors", writeSafetensors(arrays));

describe("weights of a prior", () => {
  it("come back as they were written, the arrays that were asked for alone", () => {
    for (const file of [right.path, pathToFileURL(right.path), pathToFileURL(right.path).href]) {
      const weights = weightsFrom(file, { sha256: right.sha256.toUpperCase(), shapes });
      expect(Object.keys(weights)).toEqual(["w", "b"]);
      expect(weights.w!.data).toEqual(arrays.w!.data);
      expect(weights.b!.data).toBeInstanceOf(Float32Array);
      expect(weights.b!.data).toEqual(arrays.b!.data);
    }
  });

  it("are refused where the file is not the one that is wanted, with both checksums", () => {
    const sha256 = "0".repeat(64);
    const attempt = (): Arrays => weightsFrom(right.path, { sha256, shapes });
    expect(attempt).toThrow(expect.objectContaining({ code: "weights-checksum" }));
    for (const said of [right.path, sha256, right.sha256]) expect(attempt).toThrow(said);
  });

  it("are refused where one bit was changed", () => {
    const bytes = writeSafetensors(arrays);
    bytes[bytes.length - 1]! ^= 1;
    const changed = kept("changed.safetensors", bytes);
    expect(() => weightsFrom(changed.path, { sha256: right.sha256, shapes })).toThrow(
      expect.objectContaining({ code: "weights-checksum" }),
    );
  });

  it("are refused where an array is missing, naming what there is", () => {
    const attempt = (): Arrays => weightsFrom(right.path, { sha256: right.sha256, shapes: { ...shapes, scale: [1] } });
    expect(attempt).toThrow(expect.objectContaining({ code: "weights-shape" }));
    expect(attempt).toThrow(/no array "scale" of shape \[1\]\. It holds: .*\bw\b/);
  });

  it("do not take what every object has for an array", () => {
    const attempt = (): Arrays => weightsFrom(right.path, { sha256: right.sha256, shapes: { constructor: [1] } });
    expect(attempt).toThrow(/no array "constructor"/);
  });

  it("are refused where an array has another shape of the same size", () => {
    const attempt = (): Arrays => weightsFrom(right.path, { sha256: right.sha256, shapes: { ...shapes, w: [2, 3] } });
    expect(attempt).toThrow(expect.objectContaining({ code: "weights-shape" }));
    expect(attempt).toThrow(/"w" has another shape: expected \[2, 3\], found \[3, 2\]/);
  });

  it("are refused where the file is another format, though its checksum fits", () => {
    const text = kept("weights.txt", new TextEncoder().encode("these are no weights"));
    expect(() => weightsFrom(text.path, { sha256: text.sha256, shapes })).toThrow(
      expect.objectContaining({ code: "weights-malformed", message: expect.stringContaining(text.path) }),
    );
  });

  it("are refused where they are not numbers", () => {
    const odd = kept("odd.safetensors", writeSafetensors({ b: { shape: [1], data: Float64Array.of(Number.NaN) } }));
    expect(() => weightsFrom(odd.path, { sha256: odd.sha256, shapes: { b: [1] } })).toThrow(
      expect.objectContaining({ code: "weights-not-finite" }),
    );
  });

  it("say that there is no such file, and that files on other machines are not fetched", () => {
    const options = { sha256: right.sha256, shapes };
    const missing = join(folder, "missing.safetensors");
    expect(() => weightsFrom(missing, options)).toThrow(expect.objectContaining({ code: "weights-missing" }));
    expect(() => weightsFrom(missing, options)).toThrow(missing);
    expect(() => weightsFrom(folder, options)).toThrow(expect.objectContaining({ code: "weights-missing" }));
    expect(() => weightsFrom("https://example.org/w.safetensors", options)).toThrow(/Download it/);
  });

  it("refuse a checksum that is none", () => {
    expect(() => weightsFrom(right.path, { sha256: "abc", shapes })).toThrow(/"sha256" must be 64 hexadecimal digits/);
  });
});
