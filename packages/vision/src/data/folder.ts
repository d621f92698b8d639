import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type DataSource, type Item, type OpenData, oneHot, ReconError } from "@recon/core";
import { type Checks, checkOptions, integer, listOf, nonEmpty, oneOf, positive, real } from "@recon/core/options";
import { type ImageDomain, imageDomain } from "../domain.ts";
import { readImage } from "./read-image.ts";

export interface FolderOptions {
  /** The folder; relative to the working directory. */
  readonly path: string;
  /** Height and width in pixels. 32 unless said. */
  readonly size?: number;
  /** 3 for colour (the default), 1 for grey. */
  readonly channels?: 1 | 3;
  /** Width of the one-hot target. 10 unless said. */
  readonly classes?: number;
  /** What to do with files that cannot be read: name and skip them (the default), or refuse the folder. */
  readonly on_error?: "skip" | "refuse";
  /** Normalisation of every channel; as in `imageDomain` unless said. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

const checks: Checks<FolderOptions> = {
  path: nonEmpty(),
  size: integer(1, 512),
  channels: oneOf([1, 3]),
  classes: integer(2, 100_000),
  on_error: oneOf(["skip", "refuse"]),
  mean: listOf(real(0, 1)),
  std: listOf(positive()),
};

/** A file that may be an image. */
interface Candidate {
  readonly id: string;
  readonly file: string;
  readonly label: number;
}

interface Skipped {
  readonly id: string;
  readonly reason: string;
}

/**
 * The user's own images: every file of a folder, center-cropped to a square and scaled to size × size.
 *
 * With sub-folders, each is a class (in the order of their names) and what lies beside them is skipped; without, every label is 0. Files come in
 * the order of their names by code unit. Formats: png, jpeg, webp, tiff, gif (first frame), avif, told by content; names that begin with a
 * dot are left out. What cannot be read is named in `skipped` with the reason.
 *
 * @throws ReconError `bad-option`; on opening `no-such-folder`, `no-data` (nothing readable), `unreadable-image` with `on_error: "refuse"`.
 */
export function folder(options: FolderOptions): DataSource & { readonly domain: ImageDomain } {
  checkOptions("folder", options, checks);
  if (options.path === undefined)
    throw new ReconError("bad-option", 'folder: option "path" is missing. Give the path of a folder of images.');
  const { path, size = 32, channels = 3, classes = 10, on_error = "skip", mean, std } = options;
  const normalisation = { ...(mean && { mean }), ...(std && { std }) };
  const domain = imageDomain({ channels, height: size, width: size, ...normalisation });
  return {
    name: "folder",
    options: { path, size, channels, classes, on_error, ...normalisation },
    card: { title: `Images in ${path}`, source: "the user's own folder", licence: "not known" },
    domain,
    open: async (): Promise<OpenData> => {
      const { candidates, skipped } = await listFolder(resolve(path), path, classes);
      const images: { readonly candidate: Candidate; readonly bytes: Uint8Array }[] = [];
      for (const candidate of candidates) {
        try {
          images.push({ candidate, bytes: await readImage(candidate.file, { size, channels }) });
        } catch (cause) {
          skipped.push({ id: candidate.id, reason: reasonOf(cause) });
        }
      }
      skipped.sort((a, b) => byCodeUnit(a.id, b.id));
      if (on_error === "refuse" && skipped.length > 0) throw refused(path, skipped);
      if (images.length === 0) throw nothingFound(path, skipped);
      return { size: images.length, skipped, item: async (index) => itemOf(images, index, domain, classes) };
    },
  };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function listFolder(
  root: string,
  shown: string,
  classes: number,
): Promise<{ candidates: Candidate[]; skipped: Skipped[] }> {
  const { files, folders } = await namesIn(root, shown);
  const skipped: Skipped[] = [];
  if (folders.length === 0) return { candidates: files.map((id) => ({ id, file: join(root, id), label: 0 })), skipped };
  if (folders.length > classes) {
    throw new ReconError(
      "bad-option",
      `folder: "${shown}" has ${folders.length} sub-folders, a class each, but option "classes" is ${classes}. Set it to ${folders.length} or more.`,
    );
  }
  for (const id of files) skipped.push({ id, reason: "It lies beside the class folders, so it has no label." });
  const candidates: Candidate[] = [];
  for (const [label, name] of folders.entries()) {
    const inner = await namesIn(join(root, name), join(shown, name));
    for (const file of inner.files) candidates.push({ id: `${name}/${file}`, file: join(root, name, file), label });
    for (const deeper of inner.folders) {
      skipped.push({ id: `${name}/${deeper}`, reason: "Folders inside a class folder are not read." });
    }
  }
  return { candidates, skipped };
}

async function namesIn(directory: string, shown: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ReconError("no-such-folder", `folder: "${shown}" is not a folder that can be read. Check the path.`, {
      cause,
    });
  });
  const visible = entries.filter((entry) => !entry.name.startsWith("."));
  const sorted = (kept: typeof visible): string[] => kept.map((entry) => entry.name).sort(byCodeUnit);
  return {
    folders: sorted(visible.filter((entry) => entry.isDirectory())),
    // Pipes and devices would block or never end.
    files: sorted(visible.filter((entry) => entry.isFile() || entry.isSymbolicLink())),
  };
}

function itemOf(
  images: readonly { readonly candidate: Candidate; readonly bytes: Uint8Array }[],
  index: number,
  domain: ImageDomain,
  classes: number,
): Item {
  const image = images[index];
  if (image === undefined) {
    throw new ReconError("no-such-item", `The folder has items 0 to ${images.length - 1}; there is no item ${index}.`);
  }
  const [channels, height, width] = domain.shape as [number, number, number];
  const plane = height * width;
  const pixels = Float64Array.from(
    { length: channels * plane },
    (_, i) => image.bytes[(i % plane) * channels + Math.floor(i / plane)]! / 255,
  );
  return { id: image.candidate.id, input: domain.normalise(pixels), target: oneHot(image.candidate.label, classes) };
}

/** The reader's own sentence, or the decoder's message on one line. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/\s+/g, " ").trim();
}

const listed = (skipped: readonly Skipped[]): string => {
  const shown = skipped.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
  return `${shown.join("; ")}${skipped.length > shown.length ? `; and ${skipped.length - shown.length} more` : ""}`;
};

function refused(path: string, skipped: readonly Skipped[]): ReconError {
  return new ReconError(
    "unreadable-image",
    `folder: ${skipped.length} of the files in "${path}" cannot be used: ${listed(skipped)}. Remove them, or set on_error to "skip".`,
  );
}

function nothingFound(path: string, skipped: readonly Skipped[]): ReconError {
  const found = skipped.length === 0 ? "It is empty." : `Skipped: ${listed(skipped)}.`;
  return new ReconError("no-data", `folder: "${path}" holds no image that can be read. ${found}`);
}
