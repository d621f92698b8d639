import type { OpEntry } from "./call.ts";
import { activation } from "./ops/activation.ts";
import { arithmetic } from "./ops/arithmetic.ts";
import { comparison } from "./ops/comparison.ts";
import { control } from "./ops/control.ts";
import { convolutions } from "./ops/convolution.ts";
import { creation } from "./ops/creation.ts";
import { matrix } from "./ops/matrix.ts";
import { movement } from "./ops/movement.ts";
import { normalisations } from "./ops/normalisation.ts";
import { picking } from "./ops/picking.ts";
import { recurrents } from "./ops/recurrent.ts";
import { reductions } from "./ops/reduction.ts";
import { resizes } from "./ops/resize.ts";
import { selection } from "./ops/selection.ts";

/** Operator sets of the standard that are read; what `torch.onnx.export` writes lies inside. */
export const opsets = { oldest: 9, newest: 23 } as const;

/** The supported operators, a family a list. */
export const opFamilies: Readonly<Record<string, readonly OpEntry[]>> = {
  "Matrix products": matrix,
  "Convolutions and pooling": convolutions,
  "Normalisation layers": normalisations,
  "Recurrent layers": recurrents,
  Activations: activation,
  Arithmetic: arithmetic,
  "Comparisons, truth values, choices": comparison,
  Reductions: reductions,
  "Shapes and order": movement,
  "Slices, lookups, borders": picking,
  "Largest elements, writing by index": selection,
  "Changes of extent": resizes,
  "Constants and shapes": creation,
  "Control flow": control,
};

/** The supported operators by `Name` or `domain::Name`. */
export const opTable: ReadonlyMap<string, OpEntry> = new Map(
  Object.values(opFamilies)
    .flat()
    .map((entry) => [entry.name, entry]),
);
