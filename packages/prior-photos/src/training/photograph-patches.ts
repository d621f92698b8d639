import type { Rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { photographs } from "@recon/vision";
import { trainingPhotographs } from "../split.ts";

/** Side and channels of a training patch. */
const [side, channels] = [32, 3];

/** Crops of the training photographs are scaled to these sides, as audits scale theirs; and how many of each photograph a side. */
const [scaledSides, cropsEach] = [[32, 32, 40, 48, 64, 96, 128], 12];

/** A square coloured picture on [0, 1], channels first. */
export interface ScaledCrop {
  readonly side: number;
  readonly pixels: Float32Array;
}

/** Crops of the training photographs at several scales. */
export async function scaledCrops(): Promise<readonly ScaledCrop[]> {
  const crops: ScaledCrop[] = [];
  for (const [seed, size] of scaledSides.entries()) {
    const count = cropsEach * trainingPhotographs.length;
    const source = photographs({ size, count, seed: 1000 + seed, names: trainingPhotographs });
    const data = await source.open();
    for (let i = 0; i < count; i++) {
      const { input } = await data.item(i);
      crops.push({ side: size, pixels: Float32Array.from(source.domain.pixels(input)) });
    }
  }
  return crops;
}

/** A patch [3, 32, 32]: turned, mirrored, darker or brighter. */
export function patchOf(crops: readonly ScaledCrop[], rng: Rng): NdArray {
  const { side: extent, pixels } = crops[rng.integer(crops.length)]!;
  const [left, top] = [rng.integer(extent - side + 1), rng.integer(extent - side + 1)];
  const [mirrored, turned] = [rng.integer(2) === 1, rng.integer(2) === 1];
  const gain = 0.7 + 0.5 * rng.uniform();
  const [plane, whole] = [side * side, extent * extent];
  const data = new Float32Array(channels * plane);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [across, down] = turned ? [y, x] : [x, y];
      const from = (top + down) * extent + left + (mirrored ? side - 1 - across : across);
      for (let c = 0; c < channels; c++) {
        data[c * plane + y * side + x] = Math.min(1, gain * pixels[c * whole + from]!);
      }
    }
  }
  return { shape: [channels, side, side], data };
}

/** Mean of every channel over all crops, each counting alike, [3]. */
export function meanColour(crops: readonly ScaledCrop[]): NdArray {
  const data = Float64Array.from({ length: channels }, (_, c) =>
    crops.reduce((total, { side: extent, pixels }) => {
      const plane = pixels.subarray(c * extent * extent, (c + 1) * extent * extent);
      return total + plane.reduce((sum, value) => sum + value, 0) / plane.length / crops.length;
    }, 0),
  );
  return { shape: [channels], data: Float32Array.from(data) };
}
