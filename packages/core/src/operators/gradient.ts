import { grad, type Tensors } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Model, Operator } from "../problem.ts";

export interface GradientOptions {
  /**
   * Whether the client's layers run as in training, where batch normalisation takes the statistics of the batch, or as in evaluation, where it takes the
   * stored ones. Train unless said: it is what clients do.
   */
  readonly mode?: "train" | "eval";
}

/**
 * One step of training: G = ∂ℓ(f(x; Θ), y)/∂Θ, by parameter name; buffers have no gradient.
 *
 * A plain update of one step is the same observation: G = (Θ₀ − Θ₁) / η.
 *
 * @throws ReconError `bad-option`.
 * @see Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019, eq. 2.
 */
export function gradient(options: GradientOptions = {}): Operator {
  const { mode = "train", ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new ReconError("bad-option", `gradient: there is no option "${unknown}". Allowed: mode.`);
  if (mode !== "train" && mode !== "eval") {
    throw new ReconError("bad-option", `gradient: option "mode" must be train or eval, not ${JSON.stringify(mode)}.`);
  }
  return {
    name: "gradient",
    options: { mode },
    observe(model: Model, parameters: Tensors, data: Tensors): Tensors {
      const names = Object.keys(model.parameters);
      const loss = model.loss(model.forward(parameters, data, mode), data);
      const gradients = grad(
        loss,
        names.map((name) => parameters[name]!),
      );
      return Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
    },
  };
}
