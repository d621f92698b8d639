import { auditCase, type BenchCase } from "@recon/bench";
import { type Defence, defaultKnowledge, gaussianNoise, meanSquaredError, pruneMagnitude } from "@recon/core";
import { digits, featureMatching } from "@recon/vision";
import { trainableLeNet } from "../victims/trainable.ts";

const defences: readonly { readonly name: string; readonly make: () => readonly Defence[] }[] = [
  { name: "none", make: () => [] },
  { name: "pruned", make: () => [pruneMagnitude({ rate: 0.9 })] },
  { name: "noise", make: () => [gaussianNoise({ rel_noise: 1 })] },
];

/** Every combination of the three parts of the attack. */
const parts = [true, false].flatMap((features) =>
  [true, false].flatMap((tv) => (["deep", "free"] as const).map((image) => ({ features, tv, image }))),
);

/**
 * What each part of feature-led matching contributes: features, total variation and the untrained net, on and off, with equal evaluations on the same victims
 * (a LeNet on digits, two items a message), behind no defence, pruning and noise.
 */
export const ablationCases: readonly BenchCase[] = defences.flatMap(({ name, make }) =>
  parts.map(({ features, tv, image }) =>
    auditCase({
      id: `defence-ablation/${name}${features ? "+features" : ""}${tv ? "+tv" : ""}+${image}`,
      suite: "defences",
      model: trainableLeNet,
      source: digits,
      batch: 2,
      defences: make,
      attack: () => featureMatching({ image, ...(features ? {} : { features: 0 }), ...(tv ? {} : { tv: 0 }) }),
      metrics: [meanSquaredError()],
      known: [...defaultKnowledge, "labels"],
      evaluations: 300,
      seeds: 4,
    }),
  ),
);
