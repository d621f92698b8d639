import { auditCase, type BenchCase, type Target } from "@recon/bench";
import { type DataSource, spear } from "@recon/core";
import { mlp, photographs } from "@recon/vision";
import { rawDigits } from "../data/raw-digits.ts";
import { standardised } from "../data/standardised.ts";

interface SpearCase {
  readonly id: string;
  readonly batch: number;
  readonly source: () => DataSource;
  /** Widths behind the input; 400 and 10 unless said. */
  readonly widths?: readonly number[];
  readonly observation?: "float32" | "float64";
  readonly targets?: Readonly<Record<string, Target>>;
  readonly share?: number;
}

/** Enough crops for batches that share none; the first of each photograph is its centre. */
const crops = (): DataSource => standardised(photographs({ count: 400, size: 28, channels: 1 }));

const within = (seconds: number): Record<string, Target> => ({ rel_rms: "<=1e-6", seconds: `<=${seconds}` });

const list: readonly SpearCase[] = [
  { id: "spear-b12", batch: 12, source: crops, targets: within(2) },
  { id: "spear-b24", batch: 24, source: crops, targets: within(3) },
  { id: "spear-b40", batch: 40, source: crops, targets: within(15), share: 6 / 8 },
  { id: "spear-raw-b12", batch: 12, source: rawDigits, targets: within(10), share: 6 / 8 },
  // How far it goes: what a real client sends, twice the width behind, larger batches, raw inputs.
  { id: "spear-b12/float32", batch: 12, source: crops, observation: "float32" },
  { id: "spear-b24/float32", batch: 24, source: crops, observation: "float32" },
  { id: "spear-b40/float32", batch: 40, source: crops, observation: "float32" },
  { id: "spear-raw-b12/float32", batch: 12, source: rawDigits, observation: "float32" },
  { id: "spear-b24/three-layers", batch: 24, source: crops, widths: [400, 400, 10] },
  { id: "spear-raw-b12/b24", batch: 24, source: rawDigits },
  { id: "spear-b40/b64", batch: 64, source: crops },
];

/** Whole batches behind one ReLU layer at its default initialisation. */
export const spearCases: readonly BenchCase[] = list.map(
  ({ id, batch, source, widths = [400, 10], observation = "float64", targets, share }) =>
    auditCase({
      id,
      suite: "exact",
      model: () => mlp({ sizes: [784, ...widths] }, { input: [1, 28, 28], classes: 10 }),
      source,
      batch,
      attack: () => spear(),
      observation,
      // Further tries are for orientation.
      ...(targets ? { targets } : { seeds: batch > 40 ? 1 : 2 }),
      ...(share !== undefined && { share }),
    }),
);
