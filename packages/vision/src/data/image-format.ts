/** File formats that are read; everything else is refused before a decoder sees it, vector and document formats above all. */
export type ImageFormat = "png" | "jpeg" | "webp" | "tiff" | "gif" | "avif";

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const formats: Readonly<Record<ImageFormat, (bytes: Uint8Array) => boolean>> = {
  png: (b) => b[0] === 0x89 && ascii(b, 1, 4) === "PNG",
  jpeg: (b) => b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff,
  webp: (b) => ascii(b, 0, 4) === "RIFF" && ascii(b, 8, 12) === "WEBP",
  tiff: (b) => ["II*\0", "MM\0*"].includes(ascii(b, 0, 4)),
  gif: (b) => ["GIF87a", "GIF89a"].includes(ascii(b, 0, 6)),
  avif: (b) => ascii(b, 4, 8) === "ftyp" && ["avif", "avis"].includes(ascii(b, 8, 12)),
};

/** Names of the formats, for messages. */
export const imageFormats: readonly string[] = Object.keys(formats);

/** The format that the first bytes of a file announce (its name is not trusted), or undefined when it is none of ours. */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  return (Object.keys(formats) as ImageFormat[]).find((format) => formats[format](bytes));
}
