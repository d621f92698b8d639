import { testPrior } from "@recon/core/testing";
import { photosDenoiser } from "./denoiser.ts";

// A unit of the network may have its kink within a finite difference.
testPrior(() => photosDenoiser(), { shape: [2, 3, 8, 8], runs: 1, tolerance: 1e-4 });
