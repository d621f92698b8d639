import {
  type Attack,
  chain,
  cosine,
  cosineDecay,
  descent,
  gradientMatching,
  headFeatures,
  type Prior,
  projectBox,
  recoveredTargets,
  scale,
  scaleByAdam,
} from "@recon/core";
import { checkOptions, integer, oneOf, positive, real } from "@recon/core/options";
import { deepImagePrior } from "../priors/deep-image-prior.ts";
import { totalVariation } from "../priors/total-variation.ts";
import { zeros } from "./zeros.ts";

export interface FeatureMatchingOptions {
  /** Weight of the feature term; 0.1 unless said, 0 leaves it out. */
  readonly features?: number;
  /** Weight of total variation; 0.01 unless said, 0 leaves it out. */
  readonly tv?: number;
  /** What is searched: `deep`, the weights of an untrained net whose output is the image (unless said), or `free`, every value of it. */
  readonly image?: "deep" | "free";
  /** Adam's largest step; 0.003 for `deep` and 0.1 for `free` unless said. */
  readonly rate?: number;
  /** Evaluations after which features are assigned to items anew; 20 unless said. */
  readonly every?: number;
}

/**
 * Gradient matching that is led by recovered features: min 1 − cos(∇ℓ(x), y) + a_TV TV(x) + a_feat (1 − cos²(f(x), z)), with x the output of an untrained U-shaped net.
 *
 * The features z in front of the last layer are read off its gradient as it was sent, behind whatever the defence did; their assignment to items is
 * optimised with the images. Where they cannot be read off, the search goes on without them and says why.
 *
 * @see Liu, Wang, Chen & Lei, "Data Reconstruction Attacks and Defenses: A Systematic Evaluation", AISTATS 2025.
 */
export function featureMatching(options: FeatureMatchingOptions = {}): Attack {
  checkOptions("featureMatching", options, {
    features: real(0),
    tv: real(0),
    image: oneOf(["deep", "free"]),
    rate: positive(),
    every: integer(1),
  });
  const { features = 0.1, tv = 0.01, image = "deep", every = 20 } = options;
  const { rate = image === "deep" ? 3e-3 : 0.1 } = options;
  const priors: readonly Prior[] = [
    ...(tv > 0 ? [totalVariation({ weight: tv })] : []),
    ...(image === "deep" ? [deepImagePrior({ width: 16 })] : []),
  ];
  return gradientMatching({
    name: "feature-matching",
    cite: "Liu, Wang, Chen & Lei, Data Reconstruction Attacks and Defenses: A Systematic Evaluation, AISTATS 2025",
    options: { features, tv, image, rate, every },
    discrepancy: () => cosine(),
    priors: () => priors,
    ...(features > 0 && {
      features: async (problem, context) => {
        const found = await headFeatures(problem, context);
        return "values" in found ? { ...found, weight: features, every } : found;
      },
    }),
    targets: recoveredTargets,
    solver: ({ box }) =>
      descent({
        update: chain(scaleByAdam(), scale(cosineDecay({ rate, warmUp: 20 }))),
        ...(box && { project: projectBox(box) }),
      }),
    ...(image === "free" && { start: zeros }),
  });
}
