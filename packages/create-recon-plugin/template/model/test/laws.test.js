import { testModel } from "@recon/core/testing";
import { samplePiece } from "../src/sample-piece.js";

// Every law of models on drawn weights and batches, second derivatives too.
testModel(() => samplePiece({ hidden: 5 }, { input: [1, 3, 3], classes: 4 }), { parameters: 5 * 9 + 5 + 4 * 5 + 4 });
