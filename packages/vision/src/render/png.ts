import sharp from "sharp";

/** Side that small images are enlarged to, so that single pixels can be seen. */
const shownSide = 128;

/**
 * A PNG of red-green-blue bytes [H, W, 3], enlarged by a whole factor without smoothing to a shorter side of about 128.
 *
 * Equal bytes in, equal bytes out.
 */
export async function pngOf(rgb: Uint8Array, height: number, width: number): Promise<Uint8Array> {
  const factor = Math.max(1, Math.round(shownSide / Math.min(height, width)));
  const image = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (factor > 1) image.resize(width * factor, height * factor, { kernel: "nearest", fit: "fill" });
  return new Uint8Array(await image.png({ compressionLevel: 9 }).toBuffer());
}
