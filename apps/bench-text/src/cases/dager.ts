import { auditCase, type BenchCase, type Target } from "@recon/bench";
import type { Model } from "@recon/core";
import { dager, gpt, sentiment, useLite } from "@recon/text";

interface DagerCase {
  readonly id: string;
  readonly batch: number;
  readonly model: () => Model;
  readonly targets: Readonly<Record<string, Target>>;
  /** Batches; 20 unless said. */
  readonly seeds?: number;
  /** Share of batches of which every sentence must meet the targets; all unless said. */
  readonly share?: number;
}

const source = () => sentiment();
const data = () => ({ input: [source().domain.maxLength], classes: 2, domain: source().domain });
const encoder = (): Model => useLite({}, data());
/** Random weights; tokens stay below the width less twenty in batches of eight sentences. */
const decoder = (): Model => gpt({ layers: 2, width: 256 }, data());

const list: readonly DagerCase[] = [
  { id: "dager-use-b1", batch: 1, model: encoder, targets: { exact: ">=1", seconds: "<=2" } },
  { id: "dager-use-b2", batch: 2, model: encoder, targets: { exact: ">=1", seconds: "<=2" } },
  { id: "dager-use-b4", batch: 4, model: encoder, targets: { exact: ">=1" }, seeds: 10, share: 0.9 },
  { id: "dager-gpt-b8", batch: 8, model: decoder, targets: { exact: ">=1" } },
];

/** Whole batches of real sentences from a float32 gradient; lengths and labels are not told. */
export const dagerCases: readonly BenchCase[] = list.map(({ id, batch, model, targets, seeds, share }) =>
  auditCase({
    id,
    suite: "dager",
    model,
    source,
    batch,
    attack: () => dager(),
    targets,
    seeds: seeds ?? 20,
    ...(share !== undefined && { share }),
  }),
);
