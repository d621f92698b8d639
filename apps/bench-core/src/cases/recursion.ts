import { auditCase, type BenchCase, type Target } from "@recon/bench";
import { layerRecursion, type Model, pruneMagnitude } from "@recon/core";
import { cnn6, leNetZhu, photographs } from "@recon/vision";

type Precision = "float32" | "float64";

/** What a recursion must reach at either precision. */
const least: Readonly<Record<Precision, Target>> = { float32: ">=100", float64: ">=200" };

/** One photograph out of a chain of layers, at both precisions; and what pruning leaves of LeNet-Zhu, which no target asks for. */
export const recursionCases: readonly BenchCase[] = [
  ...(["float32", "float64"] as const).flatMap((observation) => [
    recursionCase("recursion-lenet", () => leNetZhu(), observation, "<=3"),
    recursionCase("recursion-cnn6", () => cnn6(), observation, "<=10"),
  ]),
  ...[0.5, 0.9, 0.99].map((rate) =>
    auditCase({
      id: `recursion-lenet/pruned-${rate}`,
      suite: "exact",
      model: () => leNetZhu(),
      source: () => photographs(),
      attack: () => layerRecursion(),
      defences: () => [pruneMagnitude({ rate })],
      seeds: 4,
    }),
  ),
];

function recursionCase(id: string, model: () => Model, observation: Precision, seconds: Target): BenchCase {
  return auditCase({
    id,
    suite: "exact",
    targets: { psnr_db: least[observation], seconds },
    model,
    source: () => photographs(),
    attack: () => layerRecursion(),
    observation,
    seeds: 8,
  });
}
