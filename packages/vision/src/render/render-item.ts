import type { Picture } from "@recon/core";
import type { NdArray, Shape } from "@recon/engine";
import { psnr } from "../metrics/psnr.ts";
import { heatColour } from "./colour-map.ts";
import { pngOf } from "./png.ts";

interface Shown {
  /** [C, H, W]. */
  readonly shape: Shape;
  pixels(values: NdArray): Float64Array;
}

/** Error below which there is nothing to see, however amplified: about the rounding of float64. */
const invisible = 1e-14;

/** Bytes [H, W, 3] of pixels [C, H, W]: three or more channels show the first three, fewer show the first as grey. */
function rgbOf(pixels: Float64Array, [channels, height, width]: Shape): Uint8Array {
  const plane = height! * width!;
  const rgb = new Uint8ClampedArray(plane * 3);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = pixels[(channels! >= 3 ? c : 0) * plane + i]! * 255;
  }
  return new Uint8Array(rgb.buffer);
}

/** |estimate − truth| at every position, averaged over the channels. */
function errorPlane(estimate: Float64Array, truth: Float64Array, [channels, height, width]: Shape): Float64Array {
  const plane = height! * width!;
  const error = new Float64Array(plane);
  for (let i = 0; i < truth.length; i++) error[i % plane]! += Math.abs(estimate[i]! - truth[i]!) / channels!;
  return error;
}

/** An error that stays black even so is one that no eye sees: beyond this, the map would show rounding as if it were a failure. */
const mostAmplification = 100;

/** The largest of 1, 2, 5 times a power of ten that keeps `largest` on the scale, between 1 and 100. */
export function amplification(largest: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return 1;
  const exponent = Math.floor(Math.log10(1 / largest));
  const scale = 10 ** exponent;
  const fitting = [5, 2, 1].find((step) => step * scale * largest <= 1) ?? 1;
  return Math.min(mostAmplification, Math.max(1, fitting * scale));
}

/** A factor in words: 1, 50, 10⁶ · 2. */
function factorText(factor: number): string {
  return factor < 1e5 ? String(Math.round(factor)) : factor.toExponential(0).replace("e+", "·10^");
}

function errorCaption(largest: number, factor: number): string {
  if (!Number.isFinite(largest)) return "The reconstruction holds values that are not numbers.";
  if (largest <= invisible) return "No difference that float64 could hold.";
  return `Absolute difference, amplified ${factorText(factor)} times; black is none, pale yellow is 1. Largest: ${largest.toPrecision(2)} on a scale of 0 to 1.`;
}

async function errorPicture(estimate: Float64Array, truth: Float64Array, shape: Shape): Promise<Picture> {
  const error = errorPlane(estimate, truth, shape);
  const largest = error.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);
  const factor = largest > invisible ? amplification(largest) : 1;
  const rgb = new Uint8Array(error.length * 3);
  error.forEach((value, i) => {
    rgb.set(heatColour(value <= invisible ? 0 : value * factor), i * 3);
  });
  const caption = errorCaption(largest, factor);
  return { title: "error", caption, png: await pngOf(rgb, shape[1]!, shape[2]!) };
}

/** Truth, reconstruction, error map and blind guess of one item, as far as they are given. */
export async function renderItem(
  item: { readonly estimate?: NdArray; readonly truth?: NdArray; readonly floor?: NdArray },
  { shape, pixels }: Shown,
): Promise<readonly Picture[]> {
  const truth = item.truth && pixels(item.truth);
  const estimate = item.estimate && pixels(item.estimate);
  const floor = item.floor && pixels(item.floor);
  const show = async (title: string, caption: string, values: Float64Array): Promise<Picture> => ({
    title,
    caption,
    png: await pngOf(rgbOf(values, shape), shape[1]!, shape[2]!),
  });
  const scored = (values: Float64Array): string =>
    truth === undefined ? "" : ` PSNR ${decibels(psnr(values, truth))}.`;
  const pictures: Promise<Picture>[] = [];
  if (truth !== undefined) pictures.push(show("truth", "The private image.", truth));
  if (estimate !== undefined)
    pictures.push(show("reconstruction", `What the attack returned.${scored(estimate)}`, estimate));
  if (truth !== undefined && estimate !== undefined) pictures.push(errorPicture(estimate, truth, shape));
  if (floor !== undefined)
    pictures.push(show("blind guess", `The best guess without the observation.${scored(floor)}`, floor));
  return Promise.all(pictures);
}

const decibels = (value: number): string => (value >= 100 ? "≥ 100 dB" : `${value.toFixed(1)} dB`);
