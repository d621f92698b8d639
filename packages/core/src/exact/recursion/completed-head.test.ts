import { describe, expect, it } from "vitest";
import { rng } from "../../random.ts";
import { completedHead } from "./completed-head.ts";
import type { RecursionLinear } from "./recursion.ts";

/** A head of four classes and six inputs under softmax cross-entropy, its gradients pruned where `keep` says so. */
function head(keep: (o: number, j: number) => boolean, keepBias: (o: number) => boolean) {
  const random = rng("head");
  const h = Float64Array.from({ length: 6 }, () => random.uniform());
  const w = Float64Array.from({ length: 24 }, () => random.normal());
  const b = Float64Array.from({ length: 4 }, () => random.normal());
  const z = b.map((value, o) => h.reduce((total, x, j) => total + w[o * 6 + j]! * x, value));
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
  const errors = z.map((value, o) => Math.exp(value) / total - (o === 2 ? 1 : 0));
  const usable = Uint8Array.from({ length: 24 }, (_, at) => Number(keep(Math.floor(at / 6), at % 6)));
  const biasUsable = Uint8Array.from({ length: 4 }, (_, o) => Number(keepBias(o)));
  const layer: RecursionLinear = {
    kind: "linear",
    name: "head",
    weight: { shape: [4, 6], data: w },
    bias: { shape: [4], data: b },
    weightGradient: {
      shape: [4, 6],
      data: Float64Array.from(usable, (kept, at) => kept * errors[Math.floor(at / 6)]! * h[at % 6]!),
    },
    biasGradient: { shape: [4], data: errors.map((value, o) => value * biasUsable[o]!) },
    usable,
    biasUsable,
    activation: { name: "identity" },
    inputShape: [6],
    outputShape: [4],
  };
  return { layer, h, errors };
}

describe("completedHead", () => {
  it("fills everything from the row of the class", () => {
    const { layer, h, errors } = head(
      (o) => o === 2,
      (o) => o === 2,
    );
    const { value } = completedHead(layer, true);
    value!.biasGradient!.data.forEach((error, o) => {
      expect(error).toBeCloseTo(errors[o]!, 12);
    });
    value!.weightGradient.data.forEach((entry, at) => {
      expect(entry).toBeCloseTo(errors[Math.floor(at / 6)]! * h[at % 6]!, 12);
    });
    expect(value!.usable).toBeUndefined();
  });

  it("goes from row to row where none is whole, and without a softmax as far as rows survive", () => {
    const { layer, errors } = head(
      (o, j) => (o === 2 && j < 4) || (o === 1 && j > 2) || (o === 0 && j === 5),
      (o) => o === 2,
    );
    expect(completedHead(layer, true).value!.biasGradient!.data[3]).toBeCloseTo(errors[3]!, 12);
    expect(completedHead(layer, false)).toMatchObject({ reason: "Nothing of 1 of the 4 rows of head survived." });
  });

  it("names the gaps that stay", () => {
    const { layer } = head(
      (o, j) => o === 2 && j < 4,
      (o) => o === 2,
    );
    expect(completedHead(layer, true)).toMatchObject({
      reason: "No surviving entry of head says anything about 2 of its 6 inputs.",
    });
  });
});
