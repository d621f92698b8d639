import { plantCase, testAttack } from "@recon/core/testing";
import { samplePiece } from "../src/sample-piece.js";

// Every law of attacks on planted cases: it recovers the truth, certifies nothing wrong, keeps to its budget, never sees the truth.
testAttack(samplePiece, {
  reference: (rng) => plantCase(rng, { known: { batchSize: 1 } }),
  tolerance: 1e-2,
  evaluations: 2000,
});
