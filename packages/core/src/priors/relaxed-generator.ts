import { type Arrays, add, constant, mul, square, sub, sum, type Tensor, type Tensors } from "@recon/engine";
import type { GeneratorPrior } from "../problem.ts";

/**
 * A generator whose free variables are its weights θ, at a z that is held: it starts from what was learned, and −log p(θ) = ‖θ − θ₀‖² / 2τ² holds it near.
 *
 * @param std τ > 0, how far a weight may be expected to move.
 * @returns undefined for a generator without weights that can be moved.
 * @see J. Jeon et al., "Gradient inversion with generative image prior" (GIAS), NeurIPS 2021, section 3.2.
 */
export function relaxedGenerator(generator: GeneratorPrior, latent: Arrays, std: number): GeneratorPrior | undefined {
  const learned = generator.weights;
  if (learned === undefined) return undefined;
  const held = Object.fromEntries(
    Object.entries(latent).map(([name, { shape, data }]) => [name, constant(data, shape)]),
  );
  return {
    kind: "generator",
    name: `relaxed ${generator.name}`,
    options: { generator: generator.name, std },
    init: () => learned,
    decode: (weights, shape) => generator.decode(held, shape, weights),
    latentEnergy: (weights: Tensors): Tensor =>
      Object.entries(weights)
        .map(([name, weight]) => {
          const { shape, data } = learned[name]!;
          return mul(sum(square(sub(weight, constant(data, shape)))), 1 / (2 * std * std));
        })
        .reduce((total, part) => add(total, part)),
  };
}
