import { definePlugin, type Plugin } from "@recon/core";
import { attackFactories } from "./attacks/attack-factories.ts";
import { digits } from "./data/digits.ts";
import { folder } from "./data/folder.ts";
import { photographs } from "./data/photographs.ts";
import { cnn6 } from "./models/cnn6.ts";
import { convNet } from "./models/conv-net.ts";
import { conv7 } from "./models/conv7.ts";
import { leNetZhu } from "./models/lenet-zhu.ts";
import { mlp } from "./models/mlp.ts";
import { resNet18 } from "./models/resnet-18.ts";
import { resNet20 } from "./models/resnet-20.ts";
import { deepImagePrior } from "./priors/deep-image-prior.ts";
import { powerSpectrum } from "./priors/power-spectrum.ts";
import { totalVariation } from "./priors/total-variation.ts";

/** A factory that checks its own options can take them as they come from a file. */
function unchecked<Options, Rest extends readonly unknown[], Piece>(
  factory: (options: Options, ...rest: Rest) => Piece,
): (options: object, ...rest: Rest) => Piece {
  return (options, ...rest) => factory(options as Options, ...rest);
}

/** Everything of this package by name, for audit files. */
const plugin: Plugin = definePlugin({
  specVersion: 1,
  name: "vision",
  data: { photographs: unchecked(photographs), digits: unchecked(digits), folder: unchecked(folder) },
  models: {
    mlp: unchecked(mlp),
    "lenet-zhu": unchecked(leNetZhu),
    cnn6: unchecked(cnn6),
    conv7: unchecked(conv7),
    "conv-net": unchecked(convNet),
    "resnet-18": unchecked(resNet18),
    "resnet-20": unchecked(resNet20),
  },
  priors: {
    "total-variation": unchecked(totalVariation),
    "deep-image-prior": unchecked(deepImagePrior),
    "power-spectrum": unchecked(powerSpectrum),
  },
  attacks: attackFactories,
  flags: ["bnRunningStats", "bnBatchStats", "inputStats"],
});

export default plugin;
