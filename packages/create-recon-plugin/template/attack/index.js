import { definePlugin } from "@recon/core";
import { samplePiece } from "./src/sample-piece.js";

export { samplePiece };

/** For audit files and the command line: `use: [recon-kind-sample-piece]`, then `attacks: [sample-piece]`. */
export default definePlugin({
  specVersion: 1,
  name: "sample-piece",
  attacks: { "sample-piece": (options, { priors }) => samplePiece(options, priors) },
});
