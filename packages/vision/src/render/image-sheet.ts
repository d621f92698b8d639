import { type NdArray, sizeOf } from "@recon/engine";
import type { ImageDomain } from "../domain.ts";
import { pngOf } from "./png.ts";

/** Rows of images of one domain as one PNG, a pixel apart; what leaves the range of pixels is cut off. Channels beyond the third are left out. */
export function imageSheet(rows: readonly (readonly NdArray[])[], domain: ImageDomain): Promise<Uint8Array> {
  const [channels, height, width] = domain.shape as [number, number, number];
  const columns = Math.max(...rows.map((row) => row.length));
  const [across, down] = [columns * (width + 1) - 1, rows.length * (height + 1) - 1];
  const rgb = new Uint8Array(sizeOf([down, across, 3])).fill(255);
  for (const [r, row] of rows.entries()) {
    for (const [c, image] of row.entries()) {
      const pixels = domain.pixels({ shape: domain.shape, data: image.data });
      for (let i = 0; i < height * width; i++) {
        const [y, x] = [Math.floor(i / width), i % width];
        const at = 3 * ((r * (height + 1) + y) * across + c * (width + 1) + x);
        for (let channel = 0; channel < 3; channel++) {
          const value = pixels[Math.min(channel, channels - 1) * height * width + i]!;
          rgb[at + channel] = Math.round(255 * Math.min(1, Math.max(0, value)));
        }
      }
    }
  }
  return pngOf(rgb, down, across);
}
