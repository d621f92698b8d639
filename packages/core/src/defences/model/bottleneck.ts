import { add, exp, linear, mul, slice, type Tensor } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Defence, Model, Spec } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { refuseOtherOptions } from "../options.ts";
import { type Replacement, rewiredModel, trainLayers } from "./rewired-model.ts";

export interface BottleneckOptions {
  /** k, the width of the random code. */
  readonly width: number;
}

const [encoder, decoder, noise] = ["bottleneck.encoder", "bottleneck.decoder", "bottleneck noise"];

/**
 * A variational bottleneck before the head: h ← W_d z + b_d with z = μ + e^{v/2} ε, (μ, v) = W_e h + b_e and ε ~ N(0, I) drawn anew for every sample.
 *
 * Everything behind it trains on features that only the client knows, because ε is not sent; layers in front of it still see the data, and the identity
 * dW = δᵀ x of the first of them holds for whatever errors come back. The divergence from N(0, I) that is added to the loss in training is left out: it changes
 * how the code is learnt and not what one gradient reveals.
 *
 * @throws ReconError `bad-option`; `no-hidden-layer` for a model that is only a head.
 * @see D. Scheliga, P. Mäder, M. Seeland, "PRECODE: A Generic Model Extension to Prevent Deep Gradient Leakage", WACV 2022, section 3.
 */
export function bottleneck(options: BottleneckOptions): Defence {
  refuseOtherOptions("bottleneck", options, ["width"]);
  const { width } = options;
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new ReconError(
      "bad-option",
      `Option "width" of defence "bottleneck" must be a whole number of at least 1, not ${String(width)}.`,
    );
  }
  return { name: "bottleneck", options: { width }, model: (model) => withBottleneck(model, width) };
}

function withBottleneck(model: Model, width: number): Model {
  const layers = trainLayers(model);
  const head = layers.at(-1);
  if (layers.length < 2 || head?.kind !== "linear") {
    throw new ReconError(
      "no-hidden-layer",
      `${model.name} has no features before a linear head to put a bottleneck in.`,
    );
  }
  const features = head.input.shape.at(-1)!;
  const added: Readonly<Record<string, Spec>> = {
    [`${encoder}.weight`]: { shape: [2 * width, features] },
    [`${encoder}.bias`]: { shape: [2 * width] },
    [`${decoder}.weight`]: { shape: [features, width] },
    [`${decoder}.bias`]: { shape: [features] },
  };
  const through: Replacement = (h, named) => decoded(h, named, width);
  return rewiredModel(
    model,
    (traced) => new Map([[traced.at(-1)!.input, through]]),
    {
      parameters: { ...model.parameters, ...added },
      nuisances: {
        [noise]: {
          shape: [width],
          expected: 0,
          draw: (rng, batch) => ({
            shape: [batch, width],
            data: Float64Array.from({ length: batch * width }, () => rng.normal()),
          }),
        },
      },
      init: (rng) => ({ ...model.init(rng), ...initial(added, rng.split("bottleneck")) }),
    },
    { always: true },
  );
}

function decoded(h: Tensor, named: (name: string) => Tensor, width: number): Tensor {
  const code = linear(h, named(`${encoder}.weight`), named(`${encoder}.bias`));
  const batch = code.shape[0]!;
  const mean = slice(code, [0, 0], [batch, width]);
  const spread = exp(mul(slice(code, [0, width], [batch, width]), 0.5));
  const z = add(mean, mul(spread, named(noise)));
  return linear(z, named(`${decoder}.weight`), named(`${decoder}.bias`));
}

/** Weights and biases U(±1/√fan-in), as float32 numbers. */
function initial(specs: Readonly<Record<string, Spec>>, rng: Rng): ReturnType<Model["init"]> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const weight = specs[name.replace(/bias$/, "weight")]!;
      const limit = 1 / Math.sqrt(weight.shape[1]!);
      const stream = rng.split(name);
      const size = shape.reduce((n, extent) => n * extent, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => limit * (2 * stream.uniform() - 1)) }];
    }),
  );
}
