import { add, grad, mul, sub, type Tensors } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Model, Operator } from "../problem.ts";

export interface UpdateOptions {
  /** K, the number of local steps on the same batch; 1 unless said. */
  readonly steps?: number;
  /** η, the step size of plain gradient descent. */
  readonly rate: number;
  /** As of `gradient`. */
  readonly mode?: "train" | "eval";
}

/**
 * What a client sends after K local steps of plain gradient descent on one batch: U = Θ_K − Θ₀ with Θ_{t+1} = Θ_t − η ∂ℓ(Θ_t)/∂Θ.
 *
 * The steps are unrolled, so an attacker differentiates through all of them: exact where the one-step approximation −U/(Kη) ≈ G is not. Buffers stay as
 * they were sent.
 *
 * @throws ReconError `bad-option`.
 * @see McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017, algorithm 1.
 */
export function update(options: UpdateOptions): Operator {
  const { steps = 1, rate, mode = "train", ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ReconError("bad-option", `update: there is no option "${unknown}". Allowed: steps, rate, mode.`);
  }
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new ReconError("bad-option", `update: option "steps" must be a whole number of at least 1, not ${steps}.`);
  }
  if (!(Number.isFinite(rate) && rate > 0)) {
    throw new ReconError("bad-option", `update: option "rate" must be a number above 0, not ${rate}.`);
  }
  if (mode !== "train" && mode !== "eval") {
    throw new ReconError("bad-option", `update: option "mode" must be train or eval, not ${JSON.stringify(mode)}.`);
  }
  return {
    name: "update",
    observes: "difference",
    options: { steps, rate, mode },
    observe(model: Model, parameters: Tensors, data: Tensors): Tensors {
      const names = Object.keys(model.parameters);
      let current = parameters;
      // U is summed up step by step: the difference of nearly equal weights would lose its digits.
      let moved: Tensors = {};
      for (let t = 0; t < steps; t++) {
        const loss = model.loss(model.forward(current, data, mode), data);
        const gradients = grad(
          loss,
          names.map((name) => current[name]!),
        );
        const step = Object.fromEntries(names.map((name, i) => [name, mul(gradients[i]!, rate)]));
        current = { ...current, ...mapped(names, (name) => sub(current[name]!, step[name]!)) };
        moved = mapped(names, (name) =>
          moved[name] === undefined ? mul(step[name]!, -1) : add(moved[name], mul(step[name]!, -1)),
        );
      }
      return moved;
    },
  };
}

function mapped(names: readonly string[], f: (name: string) => Tensors[string]): Tensors {
  return Object.fromEntries(names.map((name) => [name, f(name)]));
}
