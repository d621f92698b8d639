import type { Rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { digits } from "@recon/vision";
import { split } from "../split.ts";

const side = 28;

/** Pixels on [0, 1] of the digits of one part of the split. */
export async function digitImages(part: keyof typeof split): Promise<readonly Float32Array[]> {
  const source = digits();
  const data = await source.open();
  const [first, end] = split[part];
  const images: Float32Array[] = [];
  for (let i = first; i < end; i++) images.push(Float32Array.from(source.domain.pixels((await data.item(i)).input)));
  return images;
}

/** A digit moved by up to two pixels each way. */
export function movedDigit(images: readonly Float32Array[], rng: Rng): NdArray {
  const image = images[rng.integer(images.length)]!;
  const [down, right] = [rng.integer(5) - 2, rng.integer(5) - 2];
  const data = new Float32Array(side * side);
  for (let y = Math.max(0, down); y < Math.min(side, side + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(side, side + right); x++) {
      data[y * side + x] = image[(y - down) * side + x - right]!;
    }
  }
  return { shape: [1, side, side], data };
}

/** The mean image, [1, 28, 28]. */
export function meanOf(images: readonly Float32Array[]): NdArray {
  const data = new Float64Array(side * side);
  for (const image of images) {
    for (let i = 0; i < data.length; i++) data[i] = data[i]! + image[i]! / images.length;
  }
  return { shape: [1, side, side], data: Float32Array.from(data) };
}
