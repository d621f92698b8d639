import { auditCase, type BenchCase, type Target } from "@recon/bench";
import {
  type Attack,
  clipEntry,
  type Defence,
  defaultKnowledge,
  pruneMagnitude,
  pruneRandom,
  quantise,
  sign,
  visibleEntries,
} from "@recon/core";
import { vectors } from "../data/vectors.ts";
import { twoLayer } from "../victims/two-layer.ts";

interface VisibleCase {
  readonly id: string;
  readonly inputs: number;
  readonly hidden: number;
  readonly defence: () => Defence;
  readonly attack?: () => Attack;
  readonly targets: Readonly<Record<string, Target>>;
  readonly share?: number;
}

const pruned = { inputs: 60, hidden: 3000 };
const bounded = { inputs: 100, hidden: 5000 };
/** At most half of the least that the same search left on any of five seeds when it took every entry as it was sent: the case `…/oblivious` measures it. */
const compared: readonly { readonly name: string; readonly defence: () => Defence; readonly half: Target }[] = [
  { name: "quantised-4bit", defence: () => quantise({ bits: 4 }), half: "<=0.0025" },
  { name: "clipped-90", defence: () => clipEntry({ quantile: 0.9 }), half: "<=0.04" },
  { name: "sign", defence: sign, half: "<=0.15" },
];

const list: readonly VisibleCase[] = [
  {
    id: "pruned-97",
    ...pruned,
    defence: () => pruneMagnitude({ rate: 0.97 }),
    targets: { rms: "<=1e-9", seconds: "<=10" },
  },
  {
    id: "pruned-99",
    ...pruned,
    defence: () => pruneMagnitude({ rate: 0.99 }),
    targets: { rms: "<=1e-9" },
    share: 2 / 5,
  },
  {
    id: "pruned-random-97",
    ...pruned,
    defence: () => pruneRandom({ rate: 0.97 }),
    targets: { rms: "<=1e-9" },
    share: 2 / 5,
  },
  ...compared.flatMap(({ name, defence, half }): VisibleCase[] => [
    { id: name, ...bounded, defence, targets: { rms: half } },
    {
      id: `${name}/oblivious`,
      ...bounded,
      defence,
      attack: () => visibleEntries({ entries: "as-sent", restarts: 2 }),
      targets: {},
    },
  ]),
];

/** A batch of four behind channels that leave something visible; `…/oblivious` is tensor and fit without regard to the channel, on the same observations. */
export const visibleCases: readonly BenchCase[] = list.map(
  ({ id, inputs, hidden, defence, attack = visibleEntries, targets, share }) =>
    auditCase({
      id,
      suite: "exact",
      model: () => twoLayer({ inputs, hidden, activation: "tanh" }),
      source: () => vectors({ dimension: inputs, sign: true }),
      batch: 4,
      defences: () => [defence()],
      attack: () => attack(),
      targets,
      seeds: 5,
      ...(share !== undefined && { share }),
      observation: "float64",
      known: [...defaultKnowledge, "activeServer"],
    }),
);
