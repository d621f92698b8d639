import { readFile, stat } from "node:fs/promises";
import sharp from "sharp";
import { imageFormatOf, imageFormats } from "./image-format.ts";

export interface ReadImageOptions {
  readonly size: number;
  readonly channels: 1 | 3;
}

/** Files above this are refused unread, in bytes. */
const largestFile = 256 * 2 ** 20;
/** Pictures above this are refused undecoded, in pixels: a small file can announce a huge picture. */
const largestPicture = 100_000_000;
const decodeSeconds = 30;

/**
 * Bytes [size, size, channels] of an image file: its largest centred square, scaled; turned as its metadata says, on white where it is
 * transparent, the first frame where it is animated.
 *
 * @throws Error whose message says in a sentence what is wrong with the file.
 */
export async function readImage(file: string, { size, channels }: ReadImageOptions): Promise<Uint8Array> {
  const { size: length } = await stat(file);
  if (length === 0) throw new Error("The file is empty.");
  if (length > largestFile) throw new Error(`The file is larger than ${largestFile / 2 ** 20} MB.`);
  const content = await readFile(file);
  if (imageFormatOf(content) === undefined) {
    throw new Error(`The file is not an image of a format that is read (${imageFormats.join(", ")}).`);
  }
  const limits = { limitInputPixels: largestPicture, failOn: "error", pages: 1 } as const;
  const { width, height } = (await sharp(content, limits).metadata()).autoOrient;
  const side = Math.min(width, height);
  const { data, info } = await sharp(content, limits)
    .timeout({ seconds: decodeSeconds })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .extract({ left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side })
    .resize(size, size, { fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === channels) return new Uint8Array(data);
  // A grey file may stay grey although colour was asked for.
  return Uint8Array.from({ length: size * size * channels }, (_, i) => data[Math.floor(i / channels) * info.channels]!);
}
