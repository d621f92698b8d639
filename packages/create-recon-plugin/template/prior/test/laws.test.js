import { testPrior } from "@recon/core/testing";
import { samplePiece } from "../src/sample-piece.js";

// Every law of priors on drawn batches of these shapes; `zero` is the same prior with weight 0.
for (const shape of [
  [3, 8],
  [2, 1, 6, 6],
]) {
  testPrior(() => samplePiece({ weight: 0.5 }), { shape, zero: () => samplePiece({ weight: 0 }) });
}
