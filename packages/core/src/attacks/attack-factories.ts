import { ReconError } from "../errors.ts";
import type { Plugin } from "../plugin.ts";
import type { Attack, Json } from "../problem.ts";
import { analytic } from "./analytic.ts";
import { type DiffusionPosteriorSamplingOptions, diffusionPosteriorSampling } from "./diffusion-posterior-sampling.ts";
import { type FedavgOptions, fedavg } from "./fedavg.ts";
import { type GaussNewtonOptions, gaussNewton } from "./gauss-newton.ts";
import { type GglOptions, ggl } from "./ggl.ts";
import { type GiasOptions, gias } from "./gias.ts";
import { headUnmixing } from "./head-unmixing.ts";
import { independentComponents } from "./independent-components.ts";
import { type KktOptions, kkt } from "./kkt.ts";
import { layerRecursion } from "./layer-recursion.ts";
import { type PlugAndPlayAttackOptions, plugAndPlay } from "./plug-and-play.ts";
import { spanIntersection } from "./span-intersection.ts";
import { spear } from "./spear.ts";
import { type TensorAttackOptions, tensor } from "./tensor.ts";
import { type VisibleEntriesOptions, visibleEntries } from "./visible.ts";

/** Core's attacks by the name that an audit file uses; each works on data of any sort and checks its own options. */
export const attackFactories: NonNullable<Plugin["attacks"]> = {
  analytic: (options) => withoutOptions("analytic", options, analytic),
  spear: (options) => withoutOptions("spear", options, spear),
  tensor: (options) => tensor(options as TensorAttackOptions),
  "span-intersection": (options) => withoutOptions("span-intersection", options, spanIntersection),
  "visible-entries": (options) => visibleEntries(options as VisibleEntriesOptions),
  recursion: (options) => withoutOptions("recursion", options, layerRecursion),
  "head-unmixing": (options) => withoutOptions("head-unmixing", options, headUnmixing),
  "gauss-newton": (options, { priors }) =>
    gaussNewton(
      options as GaussNewtonOptions,
      priors.filter((prior) => prior.kind === "energy"),
    ),
  "plug-and-play": (options, { priors }) => plugAndPlay(options as PlugAndPlayAttackOptions, priors),
  dps: (options, { priors }) => diffusionPosteriorSampling(options as DiffusionPosteriorSamplingOptions, priors),
  gias: (options, { priors }) => gias(options as GiasOptions, priors),
  ggl: (options, { priors }) => ggl(options as GglOptions, priors),
  kkt: (options) => kkt(options as KktOptions),
  fedavg: (options, { priors }) => fedavg(options as FedavgOptions, priors),
  "independent-components": (options) => withoutOptions("independent-components", options, independentComponents),
};

function withoutOptions(name: string, options: { readonly [key: string]: Json }, make: () => Attack): Attack {
  const [unknown] = Object.keys(options);
  if (unknown === undefined) return make();
  throw new ReconError("bad-option", `${name}: there is no option "${unknown}". It takes none.`);
}
