import type { Model } from "@recon/core";
import { badOption, checkOptions, integer, listOf, oneOf } from "@recon/core/options";
import { sizeOf } from "@recon/engine";
import { type ActivationName, activationNames } from "./activation.ts";
import { type DataShape, sequential } from "./sequential.ts";
import { activationStep, linearStep } from "./steps.ts";

export interface MlpOptions {
  /** Widths from input to output. [input size, 1024, 1024, classes] unless said. */
  readonly sizes?: readonly number[];
  /** relu unless said. */
  readonly activation?: ActivationName;
  /** Whether every layer has a bias or the first alone, which keeps a net of ReLUs homogeneous in its parameters. all unless said. */
  readonly biases?: "all" | "first";
}

/**
 * Fully connected net: z₁ = W₁ x + b₁, zₗ = Wₗ s(zₗ₋₁) + bₗ, on the flattened input.
 *
 * Without `data` it is for images 3 × 32 × 32 if the sizes begin with 3072, else for vectors. Weights and biases U(±1/√fan-in). 3072-1024-1024-10 has 4 206 602 parameters.
 *
 * @throws ReconError `bad-option` when sizes do not begin with the input's and end with the number of classes.
 */
export function mlp(options: MlpOptions = {}, data?: DataShape): Model {
  checkOptions("mlp", options, {
    sizes: listOf(integer(1), 2),
    activation: oneOf(activationNames),
    biases: oneOf(["all", "first"]),
  });
  const { activation = "relu", biases = "all" } = options;
  const fits = data ?? usualData(options.sizes);
  const features = sizeOf(fits.input);
  const { sizes = [features, 1024, 1024, fits.classes] } = options;
  if (sizes[0] !== features || sizes.at(-1) !== fits.classes) {
    const from = `a list that begins with ${features} (the input [${fits.input.join(", ")}]) and ends with ${fits.classes} (the classes)`;
    throw badOption("mlp", "sizes", sizes, from);
  }
  const steps = sizes
    .slice(1)
    .flatMap((width, i) => [
      ...(i > 0 ? [activationStep(activation)] : []),
      linearStep(width, biases === "all" || i === 0),
    ]);
  return sequential({ name: "mlp", options: { sizes, activation, biases }, data: fits, steps });
}

function usualData(sizes: readonly number[] = [3072, 10]): DataShape {
  const [features = 3072] = sizes;
  return { input: features === 3072 ? [3, 32, 32] : [features], classes: sizes.at(-1) ?? 10 };
}
