import { type Arrays, mul } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Channel, Defence, Knowledge, Model, Nuisance } from "../../problem.ts";
import { refuseOtherOptions } from "../options.ts";
import { overUnits, type Replacement, rewiredModel, trainLayers } from "./rewired-model.ts";

export interface DropoutOptions {
  /** p, the probability with which a hidden unit is left out. */
  readonly rate: number;
}

/**
 * Hidden units are left out at random while the client trains, and those that stay are scaled by 1 / (1 − p): one draw of units for the whole batch.
 *
 * A unit is an output of a hidden linear layer or a channel of a convolution. The attacker sees which were left out: their rows of the gradient are zero. The
 * adaptive attacker uses them; the oblivious one takes the expected net, without dropout.
 *
 * @throws ReconError `bad-option`; `no-hidden-layer` for a model without one.
 * @see N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014).
 */
export function dropout(options: DropoutOptions): Defence {
  refuseOtherOptions("dropout", options, ["rate"]);
  const { rate } = options;
  if (!(typeof rate === "number" && rate >= 0 && rate < 1)) {
    throw new ReconError(
      "bad-option",
      `Option "rate" of defence "dropout" must be a number from 0 to below 1, not ${String(rate)}. At 1 no unit is left and nothing is learnt.`,
    );
  }
  return {
    name: "dropout",
    options: { rate },
    model: (model) => withDropout(model, rate),
    channel: {
      apply: (clean) => copied(clean),
      known: (clean) => clean,
      noiseStd: () => 0,
      visible: visibleUnits(rate),
    },
  };
}

const nuisanceName = (weight: string): string => `dropout of ${weight}`;

function withDropout(model: Model, rate: number): Model {
  const hidden = trainLayers(model).slice(0, -1);
  if (hidden.length === 0) {
    throw new ReconError("no-hidden-layer", `${model.name} has no hidden layer whose units could be dropped.`);
  }
  const nuisances = Object.fromEntries(
    hidden.map((layer) => [nuisanceName(layer.weight), mask(layer.preActivation.shape[1]!, rate)]),
  );
  return rewiredModel(
    model,
    (layers) =>
      new Map(
        layers
          .filter((layer) => nuisances[nuisanceName(layer.weight)] !== undefined)
          .map((layer): [typeof layer.output, Replacement] => [
            layer.output,
            (node, named) => mul(node, overUnits(named(nuisanceName(layer.weight)), node)),
          ]),
      ),
    { nuisances },
  );
}

function mask(units: number, rate: number): Nuisance {
  return {
    shape: [units],
    expected: 1,
    draw: (rng, batch) => {
      const kept = Float64Array.from({ length: units }, () => (rng.uniform() < rate ? 0 : 1 / (1 - rate)));
      const data = new Float64Array(batch * units);
      for (let i = 0; i < batch; i++) data.set(kept, i * units);
      return { shape: [batch, units], data };
    },
  };
}

/**
 * The units that were left out, read off the zero rows of the weights' gradients: tensors of which some rows are zero and others are not. A unit that is dead for
 * another reason counts as left out, which changes nothing: it passes nothing on.
 */
function visibleUnits(rate: number): NonNullable<Channel["visible"]> {
  return (observed: Arrays): Knowledge =>
    Object.fromEntries(
      Object.entries(observed)
        .filter(([, { shape }]) => shape.length > 1)
        .map(([name, { shape, data }]) => {
          const units = shape[0]!;
          const size = data.length / units;
          const kept = Float64Array.from({ length: units }, (_, j) =>
            data.subarray(j * size, (j + 1) * size).some((value) => value !== 0) ? 1 / (1 - rate) : 0,
          );
          return [nuisanceName(name), { shape: [1, units], data: kept }];
        }),
    );
}

function copied(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}
